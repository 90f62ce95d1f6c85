using System.Buffers.Binary;
using System.Diagnostics;

namespace Muxado.Fast.Framing;

/// <summary>
/// Turns a stream of bytes, cut anywhere, into frames. Consumes everything it is given, unless the handler pauses it: payloads are
/// passed on in the pieces in which they come, and no more is kept than an incomplete header or fixed body.
/// </summary>
/// <remarks>
/// Owner: a session's receive loop.
/// Threading: one caller at a time.
/// Invariants: after each call the bytes decoded are the sum of header and body of each frame begun, less what is still missing
/// of the last. Once stopped, by a violation or by the handler, it refuses everything.
/// Reuse: none.
/// </remarks>
internal sealed class FrameDecoder(bool strictGoAway)
{
    private readonly byte[] _partial = new byte[8];
    private int _partialBytes;
    private Stage _stage;
    private bool _isPaused;

    // Of the frame whose header is complete and whose body is not.
    private FrameHeader _header;
    private int _bodyBytes;
    private int _bodyOffset;

    // Header and body of each frame begun. Counted in DEBUG only, see AssertInvariants.
    private long _begunFrameBytes;

    private enum Stage
    {
        Header,
        FixedBody,
        Data,
        GoAwayDebug,
        Stopped,
    }

    /// <summary>All bytes taken so far, headers included.</summary>
    public long BytesDecoded { get; private set; }

    /// <summary>
    /// Whether an end of the bytes here would cut a frame. Inside a GOAWAY's debug bytes it would not: all that matters has been told.
    /// </summary>
    public bool IsMidFrame => _partialBytes > 0 || _stage is Stage.FixedBody or Stage.Data;

    /// <summary>Whether bytes are missing of a frame that has begun, debug bytes included.</summary>
    public bool HasUnfinishedFrame => IsMidFrame || _stage == Stage.GoAwayDebug;

    /// <summary>
    /// Decodes <paramref name="input"/>: all of it, or as much as <see cref="BytesDecoded"/> tells when the handler pauses. False after a
    /// violation, or when the handler said stop, now or before.
    /// </summary>
    public bool Decode<THandler>(ReadOnlySpan<byte> input, THandler handler)
        where THandler : class, IFrameHandler
    {
        _isPaused = false;
        while (!input.IsEmpty && _stage != Stage.Stopped && !_isPaused)
        {
            int taken = TryWholeData(input, handler);
            if (taken == 0)
                taken = DecodePiece(input, handler);
            input = input[taken..];
            AssertInvariants();
        }

        return _stage != Stage.Stopped;
    }

    // The fast path: a whole DATA frame lies in the input.
    private int TryWholeData<THandler>(ReadOnlySpan<byte> input, THandler handler)
        where THandler : class, IFrameHandler
    {
        if (_stage != Stage.Header || _partialBytes != 0 || input.Length < Wire.HeaderBytes)
            return 0;

        FrameHeader header = FrameHeader.Read(input);
        int payloadBytes = header.PayloadBytes;
        if (header.Type != FrameType.Data || header.StreamId == 0 || input.Length - Wire.HeaderBytes < payloadBytes)
            return 0;

        CountFrame(payloadBytes);
        BytesDecoded += Wire.HeaderBytes + payloadBytes;
        StopUnless(handler.OnData(header.StreamId, input.Slice(Wire.HeaderBytes, payloadBytes), payloadBytes, 0, header.IsFin), handler);
        return Wire.HeaderBytes + payloadBytes;
    }

    private int DecodePiece<THandler>(ReadOnlySpan<byte> input, THandler handler)
        where THandler : class, IFrameHandler
    {
        switch (_stage)
        {
            case Stage.Header:
                return DecodeHeader(input, handler);
            case Stage.FixedBody:
                return DecodeFixedBody(input, handler);
            default:
                return DecodeVariableBody(input, handler);
        }
    }

    private int DecodeHeader<THandler>(ReadOnlySpan<byte> input, THandler handler)
        where THandler : class, IFrameHandler
    {
        int taken = Gather(input, Wire.HeaderBytes, out ReadOnlySpan<byte> whole);
        if (whole.IsEmpty)
            return taken;

        FrameHeader header = FrameHeader.Read(whole);
        if (FrameRules.IsViolated(header, out MuxadoErrorCode code, out string message))
        {
            CountFrame(0);
            _stage = Stage.Stopped;
            handler.OnViolation(code, message);
            return taken;
        }

        _header = header;
        _bodyBytes = FrameRules.BodyBytes(header, strictGoAway);
        _bodyOffset = 0;
        _stage = header.Type == FrameType.Data ? Stage.Data : Stage.FixedBody;
        CountFrame(_bodyBytes);
        if (_bodyBytes == 0)
            EndEmptyFrame(handler);
        return taken;
    }

    private void EndEmptyFrame<THandler>(THandler handler)
        where THandler : class, IFrameHandler
    {
        _stage = Stage.Header;
        bool goOn = _header.Type == FrameType.Data
            ? handler.OnData(_header.StreamId, default, 0, 0, _header.IsFin)
            : handler.OnSyn(_header.StreamId, 0, 0, _header.IsFin);
        StopUnless(goOn, handler);
    }

    private int DecodeFixedBody<THandler>(ReadOnlySpan<byte> input, THandler handler)
        where THandler : class, IFrameHandler
    {
        int wanted = Math.Min(_bodyBytes, Wire.GoAwayBodyBytes);
        int taken = Gather(input, wanted, out ReadOnlySpan<byte> whole);
        if (whole.IsEmpty)
            return taken;

        _bodyOffset = wanted;
        _stage = _bodyOffset < _bodyBytes ? Stage.GoAwayDebug : Stage.Header;
        StopUnless(DispatchFixedBody(whole, handler), handler);
        return taken;
    }

    private bool DispatchFixedBody<THandler>(ReadOnlySpan<byte> body, THandler handler)
        where THandler : class, IFrameHandler
    {
        uint id = _header.StreamId;
        uint first = BinaryPrimitives.ReadUInt32BigEndian(body);
        uint second = body.Length == 8 ? BinaryPrimitives.ReadUInt32BigEndian(body[4..]) : 0;
        switch (_header.Type)
        {
            case FrameType.Syn:
                bool hasPriority = (_header.Flags & FrameFlags.Priority) != 0;
                return handler.OnSyn(id, hasPriority ? first : 0, hasPriority ? second : first, _header.IsFin);
            case FrameType.Rst:
                return handler.OnRst(id, first);
            case FrameType.WindowIncrement:
                return handler.OnWindowIncrement(id, first & Wire.MaxWindowBytes);
            default:
                return handler.OnGoAway(first & Wire.MaxStreamId, second);
        }
    }

    private int DecodeVariableBody<THandler>(ReadOnlySpan<byte> input, THandler handler)
        where THandler : class, IFrameHandler
    {
        int offset = _bodyOffset;
        ReadOnlySpan<byte> chunk = input[..Math.Min(input.Length, _bodyBytes - offset)];
        bool isData = _stage == Stage.Data;
        BytesDecoded += chunk.Length;
        _bodyOffset += chunk.Length;
        if (_bodyOffset == _bodyBytes)
            _stage = Stage.Header;

        bool goOn = isData
            ? handler.OnData(_header.StreamId, chunk, _bodyBytes, offset, _header.IsFin)
            : handler.OnGoAwayDebug(chunk);
        StopUnless(goOn, handler);
        return chunk.Length;
    }

    // Whole is a slice of the input when it can be, and the partial buffer when the pieces had to be put together.
    private int Gather(ReadOnlySpan<byte> input, int wanted, out ReadOnlySpan<byte> whole)
    {
        int taken = Math.Min(wanted - _partialBytes, input.Length);
        BytesDecoded += taken;
        if (taken == wanted)
        {
            whole = input[..wanted];
            return taken;
        }

        input[..taken].CopyTo(_partial.AsSpan(_partialBytes));
        _partialBytes += taken;
        whole = default;
        if (_partialBytes == wanted)
        {
            whole = _partial.AsSpan(0, wanted);
            _partialBytes = 0;
        }

        return taken;
    }

    private void StopUnless<THandler>(bool goOn, THandler handler)
        where THandler : class, IFrameHandler
    {
        if (goOn)
            return;
        if (handler.IsPausing)
            _isPaused = true;
        else
            _stage = Stage.Stopped;
    }

    [Conditional("DEBUG")]
    private void CountFrame(int bodyBytes) => _begunFrameBytes += Wire.HeaderBytes + bodyBytes;

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        long missing = _stage switch
        {
            Stage.Header => -_partialBytes,
            Stage.Stopped => _begunFrameBytes - BytesDecoded,
            _ => _bodyBytes - _bodyOffset - _partialBytes,
        };
        Debug.Assert(BytesDecoded == _begunFrameBytes - missing, "the parser has lost the frame boundary");
        Debug.Assert(_stage != Stage.Stopped || missing >= 0, "bytes were decoded that belong to no frame");
    }
}
