using Muxado.Fast.Bench.Chance;
using Muxado.Fast.Primitives;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>
/// A thread pool that runs each work item as an event of its own, some time soon: in any order, and now and then late; or, with
/// one worker, one after the other.
/// </summary>
internal sealed class VirtualScheduler(VirtualClock clock, Dice dice, bool hasOneWorker = false) : WorkScheduler
{
    private long _busyUntil;

    public override void Post(IThreadPoolWorkItem work)
    {
        TimeSpan delay = dice.Time(dice.Chance(0.05) ? TimeSpan.FromMilliseconds(10) : TimeSpan.FromMicroseconds(20));
        if (hasOneWorker)
        {
            long now = clock.GetTimestamp();
            _busyUntil = Math.Max(now, _busyUntil) + delay.Ticks;
            delay = TimeSpan.FromTicks(_busyUntil - now);
        }

        clock.After(delay, work.Execute);
    }
}
