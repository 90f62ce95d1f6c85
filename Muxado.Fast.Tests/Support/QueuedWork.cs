using System.Collections.Concurrent;
using Muxado.Fast.Primitives;

namespace Muxado.Fast.Tests.Support;

/// <summary>The work that a session posts, for the test to do.</summary>
internal sealed class QueuedWork : WorkScheduler
{
    private readonly ConcurrentQueue<IThreadPoolWorkItem> _posted = new();

    public override void Post(IThreadPoolWorkItem work) => _posted.Enqueue(work);

    public bool TryTake(out IThreadPoolWorkItem work) => _posted.TryDequeue(out work!);
}
