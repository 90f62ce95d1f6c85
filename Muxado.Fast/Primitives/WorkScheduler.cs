namespace Muxado.Fast.Primitives;

/// <summary>Where work goes that must not run on the thread that caused it. A simulation supplies its own and so decides every interleaving.</summary>
internal abstract class WorkScheduler
{
    public static WorkScheduler ThreadPool { get; } = new ThreadPoolScheduler();

    public abstract void Post(IThreadPoolWorkItem work);

    private sealed class ThreadPoolScheduler : WorkScheduler
    {
        public override void Post(IThreadPoolWorkItem work) =>
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
    }
}
