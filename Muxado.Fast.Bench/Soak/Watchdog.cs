using System.Collections.Concurrent;
using System.Diagnostics;

namespace Muxado.Fast.Bench.Soak;

/// <summary>Knows which operations are under way, and for how long: one that does not end is named.</summary>
/// <remarks>
/// Owner: the soak.
/// Threading: any thread makes watches; each has one owner at a time, and a loop of the watchdog's own looks at all of them.
/// </remarks>
internal sealed class Watchdog : IAsyncDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<Watch, bool> _watches = new();
    private readonly TaskCompletionSource<string> _hang = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PeriodicTimer _timer = new(s_interval);
    private readonly TimeSpan _limit;
    private readonly Task _watching;

    /// <param name="limit">How long an operation may take.</param>
    public Watchdog(TimeSpan limit)
    {
        _limit = limit;
        _watching = WatchAsync();
    }

    /// <summary>Ends when an operation has taken too long, with what can be said about all those that have.</summary>
    public Task<string> Hang => _hang.Task;

    public Watch Add()
    {
        var watch = new Watch(this);
        _watches[watch] = true;
        return watch;
    }

    /// <summary>Awaits something that is no stream's operation.</summary>
    public async Task WatchAsync(Task task, string operation, object? subject)
    {
        using var watch = Add();
        watch.Subject = subject;
        watch.Begin(operation);
        await task;
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _watching;
    }

    private async Task WatchAsync()
    {
        while (await _timer.WaitForNextTickAsync())
        {
            if (!_hang.Task.IsCompleted && _watches.Keys.Any(watch => watch.IsOlder(_limit)))
                _hang.TrySetResult(await DescribeAsync());
        }
    }

    /// <summary>Also what began a little later, at the other end of the same stream maybe, and what the sessions say of themselves.</summary>
    private async Task<string> DescribeAsync()
    {
        var late = _watches.Keys.Where(watch => watch.IsOlder(_limit / 2)).ToList();
        var subjects = late.Select(watch => watch.Subject).OfType<IStateful>().Distinct().ToList();
        return $"hung: {string.Join(Environment.NewLine, [.. late.Select(watch => watch.ToString()).Order(), .. await DescribeAsync(subjects)])}";
    }

    /// <summary>A session takes its locks to say how it is: one that hangs because of them never answers.</summary>
    private static async Task<IEnumerable<string>> DescribeAsync(List<IStateful> subjects)
    {
        try
        {
            var describing = Task.Run(() => subjects.Select(subject => subject.DescribeState()).Distinct().ToList());
            return await describing.WaitAsync(s_answerLimit);
        }
        catch (Exception failure)
        {
            return [$"the sessions do not say how they are: {failure}"];
        }
    }

    /// <summary>What can say more of itself when an operation of it hangs.</summary>
    internal interface IStateful
    {
        string DescribeState();
    }

    /// <summary>Watches one operation after the other.</summary>
    internal sealed class Watch(Watchdog watchdog) : IDisposable
    {
        private string? _operation;
        private long _since;

        /// <summary>What the operation is one of.</summary>
        public object? Subject { get; set; }

        public void Begin(string operation)
        {
            Volatile.Write(ref _since, Stopwatch.GetTimestamp());
            Volatile.Write(ref _operation, operation);
        }

        public void End() => Volatile.Write(ref _operation, null);

        public bool IsOlder(TimeSpan limit)
        {
            // In this order: an operation that begins meanwhile is never taken for an old one.
            var isUnderWay = Volatile.Read(ref _operation) is not null;
            return isUnderWay && Stopwatch.GetElapsedTime(Volatile.Read(ref _since)) > limit;
        }

        public override string ToString() =>
            $"{_operation} of {Subject} has not ended for {Stopwatch.GetElapsedTime(_since).TotalSeconds:0} s";

        public void Dispose() => watchdog._watches.TryRemove(this, out _);
    }
}
