using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>
/// Reads along on the wire, and holds each side to the protocol by what that side had been told when it sent: its own frames
/// count when they are sent, the peer's when they are delivered.
/// </summary>
internal sealed class WireLedger
{
    private readonly Action<string> _objects;
    private readonly EventTrace _trace;
    private readonly FrameDecoder[] _sent = [new(strictGoAway: true), new(strictGoAway: true)];
    private readonly FrameDecoder[] _delivered = [new(strictGoAway: true), new(strictGoAway: true)];
    private readonly SentFrames[] _sentFrames;
    private readonly DeliveredFrames[] _deliveredFrames;
    private readonly Dictionary<uint, Entry>[] _entries = [[], []];
    private readonly HashSet<(Side Side, uint Id, uint Code)> _chosenCodes = [];

    /// <param name="objects">Told about each frame that should not have been sent.</param>
    /// <param name="trace">Where the frames go.</param>
    public WireLedger(Action<string> objects, EventTrace trace)
    {
        _objects = objects;
        _trace = trace;
        _sentFrames = [new(this, Side.Client, _entries[0]), new(this, Side.Server, _entries[1])];
        _deliveredFrames = [new(this, Side.Client, _entries[0]), new(this, Side.Server, _entries[1])];
    }

    /// <summary>How many bytes of DATA a side has sent on all streams.</summary>
    public long DataBytes { get; private set; }

    /// <summary>Allows a side to reset a stream with a code of its application's choice.</summary>
    public void MayReset(Side side, uint id, MuxadoErrorCode code) => _chosenCodes.Add((side, id, (uint)code));

    /// <summary>The code of the RST that has been delivered to a side, or null.</summary>
    public uint? DeliveredReset(Side to, uint id) => _entries[(int)to].TryGetValue(id, out Entry? entry) ? entry.GotRst : null;

    public bool HasDeliveredFin(Side to, uint id) => _entries[(int)to].TryGetValue(id, out Entry? entry) && entry.GotFin;

    public void OnSent(Side by, ReadOnlySpan<byte> bytes) => _sent[(int)by].Decode(bytes, _sentFrames[(int)by]);

    public void OnDelivered(Side to, ReadOnlySpan<byte> bytes) => _delivered[(int)to].Decode(bytes, _deliveredFrames[(int)to]);

    /// <summary>What a side knows about a stream.</summary>
    private sealed class Entry
    {
        public long SentBytes;
        public long GrantedBytes = Wire.InitialWindowBytes;
        public bool SentFin;
        public bool SentRst;
        public bool GotFin;
        public uint? GotRst;
    }

    private sealed class SentFrames(WireLedger ledger, Side side, Dictionary<uint, Entry> entries) : IFrameHandler
    {
        private uint _lastSyn;
        private uint _goAwayLastId = uint.MaxValue;

        public bool OnSyn(uint id, uint priority, uint streamType, bool fin)
        {
            Require(Sides.OpenerOf(id) == side && id > 1, "SYN", id, "with an id of the other side");
            Require(id > _lastSyn, "SYN", id, "out of order");
            Require(!fin, "SYN", id, "with FIN");
            _lastSyn = id;
            Require(entries.TryAdd(id, new Entry()), "SYN", id, "twice");
            ledger.Log(side, "> SYN", id, streamType);
            return true;
        }

        public bool OnRst(uint id, uint errorCode)
        {
            Entry entry = Find("RST", id);
            bool isOurs = errorCode is (uint)MuxadoErrorCode.StreamClosed or (uint)MuxadoErrorCode.RefusedStream or (uint)MuxadoErrorCode.Cancel;
            Require(isOurs || ledger._chosenCodes.Contains((side, id, errorCode)), "RST", id, $"with code {errorCode}");
            entry.SentRst = true;
            ledger.Log(side, "> RST", id, errorCode);
            return true;
        }

        public bool OnData(uint id, ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin)
        {
            if (offset > 0)
                return true;
            Entry entry = Find("DATA", id);
            Require(!entry.SentFin, "DATA", id, "after FIN");
            Require(payloadBytes > 0 || fin || entry.GotFin, "DATA", id, "empty, and not to probe");
            entry.SentBytes += payloadBytes;
            entry.SentFin |= fin;
            ledger.DataBytes += payloadBytes;
            Require(entry.SentBytes <= entry.GrantedBytes, "DATA", id, $"beyond its window: {entry.SentBytes} of {entry.GrantedBytes} bytes");
            ledger.Log(side, fin ? "> DATA FIN" : "> DATA", id, payloadBytes);
            return true;
        }

        public bool OnWindowIncrement(uint id, uint credit)
        {
            Find("WND_INC", id);
            Require(credit > 0, "WND_INC", id, "of nothing");
            ledger.Log(side, "> WND_INC", id, credit);
            return true;
        }

        public bool OnGoAway(uint lastId, uint errorCode)
        {
            Require(lastId == 0 || Sides.OpenerOf(lastId) != side, "GOAWAY", lastId, "names one of its sender's own streams");
            Require(lastId == 0 || entries.ContainsKey(lastId), "GOAWAY", lastId, "names a stream that never came");
            Require(lastId <= _goAwayLastId, "GOAWAY", lastId, "names a later stream than the one before it");
            _goAwayLastId = lastId;
            ledger.Log(side, "> GOAWAY", lastId, errorCode);
            return true;
        }

        public bool OnGoAwayDebug(ReadOnlySpan<byte> chunk) => true;

        public void OnViolation(MuxadoErrorCode code, string message) => ledger._objects($"{side} sent bytes that are no frames: {message}");

        private Entry Find(string frame, uint id)
        {
            if (!entries.TryGetValue(id, out Entry? entry))
            {
                Require(false, frame, id, "which it does not know");
                return new Entry();
            }

            Require(!entry.SentRst, frame, id, "after RST");
            return entry;
        }

        private void Require(bool condition, string frame, uint id, string how)
        {
            if (!condition)
                ledger._objects($"{side} sent {frame} on stream {id} {how}");
        }
    }

    private sealed class DeliveredFrames(WireLedger ledger, Side side, Dictionary<uint, Entry> entries) : IFrameHandler
    {
        public bool OnSyn(uint id, uint priority, uint streamType, bool fin)
        {
            entries.TryAdd(id, new Entry());
            ledger.Log(side, "< SYN", id);
            return true;
        }

        public bool OnRst(uint id, uint errorCode)
        {
            entries[id].GotRst ??= errorCode;
            ledger.Log(side, "< RST", id, errorCode);
            return true;
        }

        public bool OnData(uint id, ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin)
        {
            if (offset + chunk.Length < payloadBytes)
                return true;
            if (fin)
                entries[id].GotFin = true;
            ledger.Log(side, fin ? "< DATA FIN" : "< DATA", id, payloadBytes);
            return true;
        }

        public bool OnWindowIncrement(uint id, uint credit)
        {
            entries[id].GrantedBytes += credit;
            ledger.Log(side, "< WND_INC", id, credit);
            return true;
        }

        public bool OnGoAway(uint lastId, uint errorCode)
        {
            ledger.Log(side, "< GOAWAY", lastId, errorCode);
            return true;
        }

        public bool OnGoAwayDebug(ReadOnlySpan<byte> chunk) => true;

        public void OnViolation(MuxadoErrorCode code, string message) => ledger._objects($"{side} received bytes that are no frames: {message}");
    }

    private void Log(Side side, string what, uint id, long value = 0) => _trace.Add(side, what, id, value);
}
