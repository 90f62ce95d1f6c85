using System.Collections.Concurrent;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>Many runs, each of another seed, on several threads; it ends with the first that fails.</summary>
/// <remarks>Owner: a command. Threading: its counters may be read at any time. A run stays on its thread.</remarks>
internal sealed class Campaign(long firstSeed, long seeds)
{
    private readonly ConcurrentQueue<string> _failures = new();
    private long _taken;
    private long _done;
    private long _fair;
    private long _events;
    private long _streams;
    private long _dataBytes;
    private long _virtualTicks;

    public long Seeds => seeds;

    public CampaignCounts Counts => new(
        Volatile.Read(ref _done),
        Volatile.Read(ref _fair),
        Volatile.Read(ref _events),
        Volatile.Read(ref _streams),
        Volatile.Read(ref _dataBytes),
        TimeSpan.FromTicks(Volatile.Read(ref _virtualTicks)));

    /// <summary>What went wrong, or null. With several threads it may be that of a later seed than the first bad one.</summary>
    public string? Failure => _failures.TryPeek(out string? failure) ? failure : null;

    public async Task RunAsync(int threads, CancellationToken stop)
    {
        var runners = new Task[threads];
        for (int i = 0; i < threads; i++)
            runners[i] = Task.Factory.StartNew(() => RunSeeds(stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAll(runners);
    }

    private void RunSeeds(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && _failures.IsEmpty)
        {
            long taken = Interlocked.Increment(ref _taken) - 1;
            if (taken >= seeds)
                return;
            var run = new SimulationRun(checked((int)(firstSeed + taken)));
            if (run.Run() is { } failure)
                _failures.Enqueue(failure);
            Count(run);
        }
    }

    private void Count(SimulationRun run)
    {
        Interlocked.Increment(ref _done);
        if (run.Plan.IsFair)
            Interlocked.Increment(ref _fair);
        Interlocked.Add(ref _events, run.Trace.Count);
        Interlocked.Add(ref _streams, run.Streams);
        Interlocked.Add(ref _dataBytes, run.Ledger.DataBytes);
        Interlocked.Add(ref _virtualTicks, run.Clock.Elapsed.Ticks);
    }
}

/// <summary>What a campaign has done so far.</summary>
/// <param name="Done">Seeds.</param>
/// <param name="Fair">Of these, runs with a whole link and well-behaved applications, in which every byte has to arrive.</param>
/// <param name="Events">What happened in them.</param>
/// <param name="Streams">Opened by their applications.</param>
/// <param name="DataBytes">Sent as DATA.</param>
/// <param name="Elapsed">Of virtual time.</param>
internal readonly record struct CampaignCounts(long Done, long Fair, long Events, long Streams, long DataBytes, TimeSpan Elapsed);
