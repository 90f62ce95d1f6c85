using Muxado.Fast.Framing;
using static Muxado.Fast.Bench.Fuzz.FuzzFailureException;

namespace Muxado.Fast.Bench.Fuzz;

/// <summary>Whatever the peer says, what the session sends is legal: frames, ids, windows, and nothing after the end of a stream.</summary>
internal sealed class OutputRules(PeerScript peer, bool isClient, int maxReceiveWindow) : IFrameHandler
{
    /// <summary>So many of its resets a session remembers; of older ones it may send a second.</summary>
    private const int RememberedResets = 2048;

    private readonly Dictionary<uint, Sent> _streams = [];
    private uint _lastSyn;
    private int _resets;

    public bool OnSyn(uint id, uint priority, uint streamType, bool fin)
    {
        Require(IsLocal(id) && id > Math.Max(_lastSyn, 1), $"SYN on stream {id} after {_lastSyn}");
        Require(!fin, "SYN with FIN was sent");
        _lastSyn = id;
        return true;
    }

    public bool OnRst(uint id, uint errorCode)
    {
        // Skipped ids count as opened and closed.
        Require(id <= (IsLocal(id) ? _lastSyn : peer.LastOpenedId), $"RST on stream {id}, which nobody opened");
        Require(errorCode <= Wire.MaxErrorCode, $"RST with code {errorCode}");
        var stream = Of(id);
        Require(!stream.IsReset || _resets > RememberedResets, $"stream {id} was reset twice");
        _resets++;
        stream.IsReset = true;
        return true;
    }

    public bool OnData(uint id, ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin)
    {
        var stream = OfOpened(id, "DATA");
        Require(!stream.IsEnded && !stream.IsReset, $"DATA on stream {id} after its end");
        stream.Bytes += payloadBytes;
        Require(stream.Bytes <= Wire.InitialWindowBytes + peer.Of(id).CreditBytes, $"{stream.Bytes} bytes on stream {id} were never granted");
        stream.IsEnded = fin;
        return true;
    }

    public bool OnWindowIncrement(uint id, uint credit)
    {
        var stream = OfOpened(id, "WND_INC");
        Require(!stream.IsReset, $"WND_INC on stream {id} after RST");
        stream.CreditBytes += credit;
        var most = peer.Of(id).Bytes.Count + maxReceiveWindow - Wire.InitialWindowBytes;
        Require(credit > 0 && stream.CreditBytes <= most, $"stream {id} was granted {stream.CreditBytes} bytes, at most {most} can be due");
        return true;
    }

    public bool OnGoAway(uint lastId, uint errorCode)
    {
        Require(lastId == 0 || (!IsLocal(lastId) && peer.Of(lastId).IsOpened), $"GOAWAY names stream {lastId}, which the peer never opened");
        Require(errorCode != (uint)MuxadoErrorCode.InternalError, "GOAWAY owns up to an internal error");
        return true;
    }

    public bool OnGoAwayDebug(ReadOnlySpan<byte> chunk) => true;

    public void OnViolation(MuxadoErrorCode code, string message) => throw new FuzzFailureException("what was sent is no frame");

    private bool IsLocal(uint id) => id % 2 == 1 == isClient;

    private Sent OfOpened(uint id, string frame)
    {
        Require(IsLocal(id) ? id <= _lastSyn : peer.Of(id).IsOpened, $"{frame} on stream {id}, which nobody opened");
        return Of(id);
    }

    private Sent Of(uint id) => _streams.TryGetValue(id, out var stream) ? stream : _streams[id] = new Sent();

    private sealed class Sent
    {
        public long Bytes { get; set; }

        public long CreditBytes { get; set; }

        public bool IsEnded { get; set; }

        public bool IsReset { get; set; }
    }
}
