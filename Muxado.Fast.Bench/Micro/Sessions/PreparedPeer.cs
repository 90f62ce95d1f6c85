using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.Sessions;

/// <summary>A session over a <see cref="PreparedTransport"/>, and the little that its peer says: credit, and prepared frames.</summary>
/// <remarks>
/// Owner: a benchmark.
/// Threading: the benchmark's one thread.
/// Invariants: no heartbeat and no other traffic than the benchmark's own.
/// </remarks>
internal sealed class PreparedPeer
{
    private const uint MaxCreditBytes = Wire.MaxWindowBytes - Wire.InitialWindowBytes;

    private readonly byte[] _credit = new byte[Wire.WindowIncrementBytes];

    public PreparedPeer(bool isClient, bool canSendWithoutCopy = true, MuxadoFrameTap? tap = null)
    {
        Transport = new PreparedTransport(canSendWithoutCopy);
        Session = MuxadoSession.CreateOver(Transport, isClient, new MuxadoSessionOptions
        {
            HeartbeatInterval = Timeout.InfiniteTimeSpan,
            MaxInboundStreams = 1_000_000,
            FrameTap = tap,
        });
    }

    public MuxadoSession Session { get; }

    public PreparedTransport Transport { get; }

    /// <summary>DATA frames that carry the payload, each as long as a frame can be, the last with FIN if asked for.</summary>
    public static byte[] DataFrames(uint id, ReadOnlySpan<byte> payload, bool fin = false)
    {
        var frames = new List<byte>();
        do
        {
            var length = Math.Min(payload.Length, Wire.MaxPayloadBytes);
            var header = new byte[Wire.HeaderBytes];
            FrameEncoder.WriteDataHeader(header, id, length, fin && length == payload.Length);
            frames.AddRange(header);
            frames.AddRange(payload[..length]);
            payload = payload[length..];
        }
        while (!payload.IsEmpty);

        return [.. frames];
    }

    /// <summary>Fills the window of a stream that has not sent yet to the brim, which is 2 GiB.</summary>
    public void GrantMaximum(uint id) => Grant(id, MaxCreditBytes);

    public void Grant(uint id, uint creditBytes)
    {
        FrameEncoder.WriteWindowIncrement(_credit, id, creditBytes);
        Transport.Feed(_credit);
    }

    /// <summary>What the session sends while the action runs.</summary>
    public SentFrames Record(Action action)
    {
        var recording = new List<byte>();
        Transport.Recording = recording;
        action();
        Transport.Recording = null;
        lock (recording)
            return new SentFrames([.. recording]);
    }
}
