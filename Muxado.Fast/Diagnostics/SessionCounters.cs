using Muxado.Fast.Streams;

namespace Muxado.Fast.Diagnostics;

/// <summary>What a session counts that does not happen with every send and receive.</summary>
/// <remarks>
/// Owner: a session engine.
/// Threading: any thread, also under a lock: adding calls nobody.
/// Invariants: numbers only grow.
/// </remarks>
internal sealed class SessionCounters
{
    /// <summary>The codes that have a name, and one place for all others: a peer may send any number.</summary>
    public const int ResetCodes = (int)MuxadoErrorCode.Cancel + 2;

    private readonly long[] _resetsSent = new long[ResetCodes];
    private readonly long[] _resetsReceived = new long[ResetCodes];
    private readonly long[] _waitTicks = new long[(int)StreamWait.Reader + 1];

    public ReadOnlySpan<long> ResetsSent => _resetsSent;

    public ReadOnlySpan<long> ResetsReceived => _resetsReceived;

    /// <summary>By <see cref="StreamWait"/>, in ticks of the session's clock.</summary>
    public ReadOnlySpan<long> WaitTicks => _waitTicks;

    public void AddResetSent(uint code) => Interlocked.Increment(ref _resetsSent[PlaceOf(code)]);

    public void AddResetReceived(uint code) => Interlocked.Increment(ref _resetsReceived[PlaceOf(code)]);

    public void AddWait(StreamWait wait, long ticks) => Interlocked.Add(ref _waitTicks[(int)wait], ticks);

    private static int PlaceOf(uint code) => (int)Math.Min(code, ResetCodes - 1);
}
