using System.Diagnostics;

namespace Muxado.Fast.Tests.Races;

/// <summary>A few threads that begin what they are given at the same instant, give or take a random moment.</summary>
/// <remarks>
/// Owner: a test, whose own thread is the first of them. Threading: <see cref="Run"/> by the owner, one call at a time.
/// Invariants: every thread is awake and has arrived before any begins. On a single processor they take turns, in a random order.
/// </remarks>
internal sealed class RacingThreads : IDisposable
{
    /// <summary>Some two microseconds: about as long as an operation takes, so that each of its steps is met.</summary>
    private const int MaxSkewSpins = 64;

    private static readonly int MaxSpinsToStart = Environment.ProcessorCount == 1 ? 0 : 2_000;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _announced = new(0);
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SemaphoreSlim _started = new(0);
    private readonly SemaphoreSlim _finished = new(0);
    private readonly Random _random;
    private readonly Action[] _actions;
    private readonly int[] _skews;
    private readonly int[] _places;
    private volatile int _released;
    private volatile bool _isStopped;
    private Exception? _failure;

    public RacingThreads(int count, int seed)
    {
        _random = new Random(seed);
        _actions = new Action[count];
        _skews = new int[count];
        _places = [.. Enumerable.Range(0, count)];
        for (var i = 1; i < count; i++)
        {
            var index = i;
            new Thread(() => Follow(index)) { IsBackground = true, Name = $"racing thread {index}" }.Start();
        }
    }

    /// <summary>Runs one action on each thread, and waits until all have returned.</summary>
    public void Run(params ReadOnlySpan<Action> actions)
    {
        Debug.Assert(actions.Length == _actions.Length);
        _random.Shuffle(_places);
        for (var i = 0; i < actions.Length; i++)
        {
            _actions[_places[i]] = actions[i];
            _skews[i] = _random.Next(1 + _random.Next(MaxSkewSpins));
        }

        _announced.Release(_actions.Length - 1);
        Await(_arrived, "came to the start");
        _released++;
        _started.Release(_actions.Length - 1);
        Begin(0);
        Await(_finished, "came back from what they raced for");
        if (_failure is not null)
            throw new AggregateException(_failure);
    }

    public void Dispose()
    {
        _isStopped = true;
        _announced.Release(_actions.Length - 1);
        _started.Release(_actions.Length - 1);
    }

    private void Follow(int index)
    {
        for (var turn = 1; ; turn++)
        {
            _announced.Wait();
            _arrived.Release();

            // Awake until the start, unless another process has the processor that the start comes from.
            for (var spins = 0; _released != turn && spins < MaxSpinsToStart; spins++)
                Thread.SpinWait(1);
            _started.Wait();
            if (_isStopped)
                return;
            Begin(index);
            _finished.Release();
        }
    }

    private void Begin(int index)
    {
        try
        {
            Thread.SpinWait(_skews[index]);
            _actions[index]();
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void Await(SemaphoreSlim others, string what)
    {
        for (var i = 1; i < _actions.Length; i++)
        {
            if (!others.Wait(s_limit))
                throw new TimeoutException($"Only {i - 1} of {_actions.Length - 1} other threads {what} within {s_limit.TotalSeconds} s.");
        }
    }
}
