using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.Sessions;

/// <summary>What a session has sent, decoded: for a verification.</summary>
internal sealed class SentFrames : IFrameHandler
{
    private readonly List<byte> _payload = [];

    public SentFrames(byte[] bytes)
    {
        Verify.That(new FrameDecoder(strictGoAway: true).Decode(bytes, this));
    }

    public ReadOnlySpan<byte> Payload => _payload.ToArray();

    public long CreditBytes { get; private set; }

    public int Syns { get; private set; }

    public int Fins { get; private set; }

    public bool OnSyn(uint id, uint priority, uint streamType, bool fin)
    {
        Syns++;
        return true;
    }

    public bool OnRst(uint id, uint errorCode) =>
        throw new InvalidOperationException($"Stream {id} was reset with code {errorCode}.");

    public bool OnData(uint id, ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin)
    {
        _payload.AddRange(chunk);
        Fins += fin ? 1 : 0;
        return true;
    }

    public bool OnWindowIncrement(uint id, uint credit)
    {
        CreditBytes += credit;
        return true;
    }

    public bool OnGoAway(uint lastId, uint errorCode) =>
        throw new InvalidOperationException($"The session went away with code {errorCode}.");

    public bool OnGoAwayDebug(ReadOnlySpan<byte> chunk) => true;

    public void OnViolation(MuxadoErrorCode code, string message) => throw new InvalidOperationException(message);
}
