using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Fuzz;

/// <summary>What the peer says of each stream, all of it, as <see cref="PlainDecoder"/> reads it: whatever a session makes of it, it can be no more.</summary>
internal sealed class PeerScript : IFrameHandler
{
    private readonly Dictionary<uint, Flow> _flows = [];

    public PeerScript(byte[] bytes) => PlainDecoder.Tell(bytes, strictGoAway: false, this);

    public uint LastOpenedId { get; private set; }

    public Flow Of(uint id) => _flows.TryGetValue(id, out var flow) ? flow : _flows[id] = new Flow();

    public bool OnSyn(uint id, uint priority, uint streamType, bool fin)
    {
        Of(id).IsOpened = true;
        LastOpenedId = Math.Max(LastOpenedId, id);
        return true;
    }

    public bool OnRst(uint id, uint errorCode) => true;

    public bool OnData(uint id, ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin)
    {
        var flow = Of(id);
        flow.Bytes.AddRange(chunk);
        if (fin && chunk.Length == payloadBytes)
            flow.EndAt ??= flow.Bytes.Count;
        return true;
    }

    public bool OnWindowIncrement(uint id, uint credit)
    {
        Of(id).CreditBytes += credit;
        return true;
    }

    public bool OnGoAway(uint lastId, uint errorCode) => true;

    public bool OnGoAwayDebug(ReadOnlySpan<byte> chunk) => true;

    public void OnViolation(MuxadoErrorCode code, string message)
    {
    }

    /// <summary>One stream, in one direction.</summary>
    internal sealed class Flow
    {
        public List<byte> Bytes { get; } = [];

        public long CreditBytes { get; set; }

        public bool IsOpened { get; set; }

        /// <summary>How many bytes there are up to the first FIN whose frame is whole; null without one.</summary>
        public int? EndAt { get; set; }
    }
}
