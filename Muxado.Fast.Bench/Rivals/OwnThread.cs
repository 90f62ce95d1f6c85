using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>A thread that an async method moves to by awaiting it. On the thread itself the await does nothing.</summary>
/// <remarks>
/// A loop whose every operation begins with this await hops once, in its first operation, and then stays: what it calls may block.
/// </remarks>
internal sealed class OwnThread : ICriticalNotifyCompletion, IDisposable
{
    private readonly BlockingCollection<Action> _continuations = [];
    private readonly Thread _thread;

    public OwnThread(string name)
    {
        _thread = new Thread(Run) { Name = name, IsBackground = true };
        _thread.Start();
    }

    public bool IsCompleted => Thread.CurrentThread == _thread;

    public OwnThread GetAwaiter() => this;

    public void OnCompleted(Action continuation) => _continuations.Add(continuation);

    public void UnsafeOnCompleted(Action continuation) => _continuations.Add(continuation);

    public void GetResult()
    {
    }

    /// <summary>Lets the thread end once what runs on it has.</summary>
    public void Dispose() => _continuations.CompleteAdding();

    private void Run()
    {
        foreach (var continuation in _continuations.GetConsumingEnumerable())
            continuation();
    }
}
