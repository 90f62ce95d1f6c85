using Muxado.Fast.Buffers;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Sessions;

/// <summary>
/// How long the peer may go without taking what is sent. The system calls a connection writable only once a good part of its buffer is free: behind
/// a large one, a slow peer that takes bytes all the time looks like one that takes none. So what was acknowledged counts as well.
/// </summary>
/// <remarks>
/// Owner: the session engine.
/// Threading: <see cref="OnSendPending"/> by the flush token's holder, <see cref="IsOver"/> by the alarm alone.
/// Invariants: a peer whose system acknowledges a frame's worth of bytes in any nine tenths of the limit is not over it; one that takes nothing is, exactly
/// at the limit. The first look is the measure for those that follow, and comes a tenth of the limit after a send has begun.
/// </remarks>
internal sealed class SendStall(SessionTimer timer, ByteTransport transport, TimeSpan limit)
{
    private readonly StallLimit _limit = new(timer, SessionAlarm.WriteStall, limit, looks: 10);

    private long _pendingSince = long.MaxValue;
    private long _progressAt;
    private long _acknowledgedThen;

    public TimeSpan Limit => _limit.Limit;

    public void OnSendPending() => _limit.Begin();

    /// <summary>Whether the peer has taken too little for too long, with a send pending since then.</summary>
    public bool IsOver(long pendingSince)
    {
        long acknowledged = transport.AcknowledgedBytes;
        if (_pendingSince != pendingSince)
            (_pendingSince, _progressAt, _acknowledgedThen) = (pendingSince, pendingSince, acknowledged);
        else if (acknowledged - _acknowledgedThen >= Block.LargeBytes)
            (_progressAt, _acknowledgedThen) = (timer.Now, acknowledged);
        return _limit.IsOver(_progressAt);
    }
}
