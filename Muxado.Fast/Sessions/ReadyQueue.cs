using Muxado.Fast.Primitives;

namespace Muxado.Fast.Sessions;

/// <summary>The completions that a receive drain has made ready and will run. Any thread may take over when the drain's is held up by user code.</summary>
/// <remarks>
/// Owner: the receive pump.
/// Threading: its lock is a leaf.
/// Invariants: first in, first out; a completion is taken by one thread.
/// </remarks>
internal sealed class ReadyQueue
{
    private readonly Lock _gate = new();
    private Completion? _first;
    private Completion? _last;

    /// <summary>Whether anything waits. A glance without the lock: exact on the thread that adds, otherwise of the recent past.</summary>
    public bool IsEmpty => Volatile.Read(ref _first) is null;

    /// <summary>Whether exactly one waits; a glance as well.</summary>
    public bool HasOne => Volatile.Read(ref _first) is { } first && first == Volatile.Read(ref _last);

    public void Add(Completion completion)
    {
        lock (_gate)
        {
            completion.NextReady = null;
            if (_last is null)
                _first = completion;
            else
                _last.NextReady = completion;
            _last = completion;
        }
    }

    public Completion? Take()
    {
        if (IsEmpty)
            return null;
        lock (_gate)
        {
            Completion? completion = _first;
            if (completion is null)
                return null;
            _first = completion.NextReady;
            if (_first is null)
                _last = null;
            completion.NextReady = null;
            return completion;
        }
    }
}
