using Muxado.Fast.Primitives;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>A thread pool that runs each work item as an event of its own, some time soon: in any order, and now and then late.</summary>
internal sealed class VirtualScheduler(VirtualClock clock, Dice dice) : WorkScheduler
{
    public override void Post(IThreadPoolWorkItem work)
    {
        TimeSpan delay = dice.Time(dice.Chance(0.05) ? TimeSpan.FromMilliseconds(10) : TimeSpan.FromMicroseconds(20));
        clock.After(delay, work.Execute);
    }
}
