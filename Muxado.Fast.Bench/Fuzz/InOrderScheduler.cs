using Muxado.Fast.Bench.Simulation;
using Muxado.Fast.Primitives;

namespace Muxado.Fast.Bench.Fuzz;

/// <summary>A thread pool that runs each work item as an event of its own, at once and in order.</summary>
internal sealed class InOrderScheduler(VirtualClock clock) : WorkScheduler
{
    public override void Post(IThreadPoolWorkItem work) => clock.After(TimeSpan.Zero, work.Execute);
}
