using System.Buffers.Binary;
using System.Collections.Concurrent;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>What a session under test has put on the wire: whole frames, in an order that is legal for each stream, with the bytes that were written.</summary>
/// <remarks>Threading: bytes are added by one thread at a time; any counts them meanwhile, and verifies when no more come.</remarks>
internal sealed class SentFrames
{
    /// <summary>Every byte that an application writes. What a write's memory is overwritten with, once the write has ended, is another.</summary>
    public const byte Content = 0x11;

    private readonly ConcurrentDictionary<uint, SentStream> _streams = [];
    private readonly byte[] _head = new byte[WireFrame.HeaderBytes + sizeof(uint)];
    private int _headBytes;
    private int _payloadLeft;
    private bool _isShut;
    private string? _broken;

    /// <summary>How many bytes of DATA have gone out on a stream.</summary>
    public long DataBytes(uint id) => _streams.GetValueOrDefault(id)?.DataBytes ?? 0;

    /// <summary>Whether a FIN has gone out on a stream.</summary>
    public bool IsHalfClosed(uint id) => _streams.GetValueOrDefault(id)?.IsEnded ?? false;

    /// <summary>Whether the last frame is complete. While bytes are added that may change at any moment.</summary>
    public bool IsWhole => (_headBytes, _payloadLeft) == (0, 0);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (_isShut && !bytes.IsEmpty)
            _broken ??= "bytes were sent after the sending side was shut";
        while (!bytes.IsEmpty)
        {
            var taken = _payloadLeft > 0 ? AddPayload(bytes) : AddHead(bytes);
            bytes = bytes[taken..];
        }
    }

    public void Shut() => _isShut = true;

    /// <summary>Fails when a rule was broken. <paramref name="isWhole"/>: the last frame must be complete, because nothing cut the connection.</summary>
    public void Verify(bool isWhole)
    {
        Assert.That(_broken, Is.Null);
        if (isWhole)
            Assert.That((_headBytes, _payloadLeft), Is.EqualTo((0, 0)), "the last frame is torn");
    }

    private int AddHead(ReadOnlySpan<byte> bytes)
    {
        // Of a body of four bytes, as RST and WND_INC have it, the head includes the body.
        var wanted = _headBytes < WireFrame.HeaderBytes ? WireFrame.HeaderBytes : _head.Length;
        var taken = Math.Min(bytes.Length, wanted - _headBytes);
        bytes[..taken].CopyTo(_head.AsSpan(_headBytes));
        _headBytes += taken;
        if (_headBytes == WireFrame.HeaderBytes && Type is not (WireType.Rst or WireType.WndInc))
        {
            _payloadLeft = WireFrame.LengthOf(_head);
            OnFrame();
        }
        else if (_headBytes == _head.Length)
        {
            OnFrame();
        }

        return taken;
    }

    private WireType Type => (WireType)(_head[3] & 0x1F);

    private int AddPayload(ReadOnlySpan<byte> bytes)
    {
        var taken = Math.Min(bytes.Length, _payloadLeft);
        if (Type == WireType.Data && bytes[..taken].ContainsAnyExcept(Content))
            _broken ??= "a DATA frame has bytes that were put into the writer's memory after its write had ended";
        _payloadLeft -= taken;
        return taken;
    }

    private void OnFrame()
    {
        var id = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(4));
        var hasFin = (_head[2] & Frames.FinFlag) != 0;
        _headBytes = 0;
        if (Type == WireType.GoAway)
            return;
        if (_streams.GetOrAdd(id, static _ => new SentStream()).OnFrame(Type, _payloadLeft, hasFin) is { } broken)
            _broken ??= $"stream {id}: {broken}";
    }

    private sealed class SentStream
    {
        private volatile bool _isEnded;
        private bool _isReset;
        private long _dataBytes;

        public long DataBytes => Volatile.Read(ref _dataBytes);

        public bool IsEnded => _isEnded;

        /// <summary>Returns the rule that the frame breaks, or null.</summary>
        public string? OnFrame(WireType type, int payloadBytes, bool hasFin)
        {
            if (_isReset)
                return $"{type} after RST";
            if (type == WireType.Data && _isEnded)
                return "DATA after FIN";
            if (type is not (WireType.Syn or WireType.Data or WireType.Rst or WireType.WndInc))
                return $"a frame of type {type}";
            _isReset |= type == WireType.Rst;
            _isEnded |= type == WireType.Data && hasFin;
            if (type == WireType.Data)
                Volatile.Write(ref _dataBytes, _dataBytes + payloadBytes);
            return null;
        }
    }
}
