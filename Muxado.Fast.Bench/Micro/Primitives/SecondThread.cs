namespace Muxado.Fast.Bench.Micro.Primitives;

/// <summary>A second thread that does what the first does, at the same time.</summary>
/// <remarks>
/// Owner: a benchmark, from its setup to its cleanup.
/// Threading: the two threads meet before each piece of work and after it; what is handed over is published by that.
/// Reuse: for every piece of work, so that none of them pays for starting a thread.
/// </remarks>
internal sealed class SecondThread : IDisposable
{
    private readonly Barrier _meeting = new(2);
    private readonly Thread _thread;
    private Action? _work;

    public SecondThread()
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = nameof(SecondThread) };
        _thread.Start();
    }

    /// <summary>Runs the work on both threads, and returns when both are done.</summary>
    public void RunOnBoth(Action work)
    {
        _work = work;
        _meeting.SignalAndWait();
        work();
        _meeting.SignalAndWait();
    }

    public void Dispose()
    {
        _work = null;
        _meeting.SignalAndWait();
        _thread.Join();
        _meeting.Dispose();
    }

    private void Loop()
    {
        while (true)
        {
            _meeting.SignalAndWait();
            if (_work is not { } work)
                return;
            work();
            _meeting.SignalAndWait();
        }
    }
}
