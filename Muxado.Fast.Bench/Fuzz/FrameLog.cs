using System.Buffers;
using System.Buffers.Binary;
using Muxado.Fast.Framing;
using static Muxado.Fast.Bench.Fuzz.FuzzFailureException;

namespace Muxado.Fast.Bench.Fuzz;

/// <summary>
/// Writes down what a decoder tells, as bytes that do not depend on where its input was cut, and holds it to the contract of
/// <see cref="IFrameHandler"/>.
/// </summary>
internal sealed class FrameLog(int stopAfterCalls = int.MaxValue, bool isPausing = false) : IFrameHandler
{
    private readonly ArrayBufferWriter<byte> _log = new();
    private int _payloadBytes;
    private int _payloadCame;
    private bool _isInDebug;
    private bool _mayHaveDebug;
    private bool _isOver;

    /// <summary>It pauses at every call, then.</summary>
    public bool IsPausing => isPausing;

    public int Calls { get; private set; }

    public ReadOnlySpan<byte> Written => _log.WrittenSpan;

    public bool OnSyn(uint id, uint priority, uint streamType, bool fin) => Begin('S', id, priority, streamType, fin ? 1u : 0);

    public bool OnRst(uint id, uint errorCode) => Begin('R', id, errorCode);

    public bool OnData(uint id, ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin)
    {
        if (offset == 0)
        {
            Require(chunk.IsEmpty == (payloadBytes == 0), "only an empty frame has an empty chunk");
            Begin('D', id, (uint)payloadBytes, fin ? 1u : 0);
            _payloadBytes = payloadBytes;
        }
        else
        {
            Require(!_isOver, "nothing is told after the handler has said stop");
            Require(offset == _payloadCame && payloadBytes == _payloadBytes && !chunk.IsEmpty, "chunks follow each other without a gap, an overlap or an empty one");
            Calls++;
        }

        Require(offset + chunk.Length <= payloadBytes, "a chunk ends where its payload does");
        _log.Write(chunk);
        _payloadCame = offset + chunk.Length;
        return GoOn();
    }

    public bool OnWindowIncrement(uint id, uint credit) => Begin('W', id, credit);

    public bool OnGoAway(uint lastId, uint errorCode)
    {
        Begin('G', lastId, errorCode);
        _mayHaveDebug = true;
        return GoOn();
    }

    public bool OnGoAwayDebug(ReadOnlySpan<byte> chunk)
    {
        Require(!_isOver && _mayHaveDebug && !chunk.IsEmpty, "debug bytes follow a GOAWAY, when there are some");
        if (!_isInDebug)
            _log.Write("debug"u8);
        _isInDebug = true;
        _log.Write(chunk);
        Calls++;
        return GoOn();
    }

    public void OnViolation(MuxadoErrorCode code, string message)
    {
        Begin('V', (uint)code);
        _isOver = true;
    }

    private bool Begin(char kind, params ReadOnlySpan<uint> fields)
    {
        Require(!_isOver, "nothing is told after a violation, or after the handler has said stop");
        Require(_payloadCame == _payloadBytes, "no frame begins inside another");
        Require(kind == 'V' || kind == 'G' || fields[0] != 0, "only GOAWAY has no stream");
        _payloadBytes = _payloadCame = 0;
        _isInDebug = _mayHaveDebug = false;
        Calls++;
        _log.Write([(byte)kind]);
        foreach (var field in fields)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_log.GetSpan(4), field);
            _log.Advance(4);
        }

        return GoOn();
    }

    private bool GoOn()
    {
        _isOver |= Calls >= stopAfterCalls;
        return !_isOver && !isPausing;
    }
}
