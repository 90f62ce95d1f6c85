using Muxado.Fast.Primitives;
using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Faults;

/// <summary>
/// Everything that happens to a link and its sessions, one event after the other on the test's thread: time is virtual, so waiting
/// costs nothing, and a limit of a second is exactly that.
/// </summary>
internal sealed class EventLoop(ManualTimeProvider clock) : WorkScheduler
{
    private const int MostEvents = 10_000_000;

    private int _events;

    public ManualTimeProvider Clock => clock;

    public void After(TimeSpan delay, Action happens)
    {
        if (++_events > MostEvents)
            throw new InvalidOperationException("This does not come to an end.");
        clock.CreateTimer(static happens => ((Action)happens!)(), happens, delay, Timeout.InfiniteTimeSpan);
    }

    public override void Post(IThreadPoolWorkItem work) => After(TimeSpan.Zero, work.Execute);
}
