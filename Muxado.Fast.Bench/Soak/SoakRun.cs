using System.Diagnostics;

namespace Muxado.Fast.Bench.Soak;

/// <summary>
/// Runs a <see cref="SoakPlan"/>: rounds of traffic and disturbances on all lanes, each followed by a steady point. The first round warms up:
/// what the process holds after it is what it may hold at the end.
/// </summary>
/// <remarks>
/// Owner: the soak command.
/// Threading: <see cref="RunAsync"/> once; the rest from any thread.
/// </remarks>
internal sealed class SoakRun : IAsyncDisposable
{
    /// <summary>How long any one operation may take.</summary>
    private static readonly TimeSpan s_hangLimit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan s_longestRound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_calmPause = TimeSpan.FromMilliseconds(200);
    private const int CalmAttempts = 25;
    private const int LeastRounds = 3;

    // Streams that are read and written synchronously take threads, and must not wait until the pool thinks of more.
    private const int BlockingThreads = 32;

    private readonly SoakPlan _plan;
    private readonly Watchdog _watchdog = new(s_hangLimit);
    private readonly SoakContext _context;
    private readonly StrayExceptions _stray;
    private readonly List<Reading> _readings = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private List<Lane> _lanes = [];

    public SoakRun(SoakPlan plan)
    {
        _plan = plan;
        _context = new SoakContext(plan.Seed, _watchdog);
        _stray = new StrayExceptions(_context.Tally);
    }

    /// <summary>Raised after each steady point.</summary>
    public event Action<Reading>? SteadyPointReached;

    public SoakTally Tally => _context.Tally;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>Runs until the time is up, something is wrong, or it is interrupted. A hang ends it at once.</summary>
    public async Task<SoakReport> RunAsync(CancellationToken interrupt)
    {
        var running = RunRoundsAsync(interrupt);
        await Task.WhenAny(running, _watchdog.Hang);
        List<string> problems = [.. Tally.Problems];
        try
        {
            if (running.IsCompleted)
                await running;
            else
                problems.Add(await _watchdog.Hang);
        }
        catch (Exception failure)
        {
            problems.Add($"the soak itself failed: {failure}");
        }

        if (_readings.Count > 1)
            problems.AddRange(FlatnessJudge.Complain(_readings[0], _readings[^1]));
        return new SoakReport(Elapsed, Tally, _readings, problems, interrupt.IsCancellationRequested);
    }

    public ValueTask DisposeAsync()
    {
        _stray.Dispose();
        return _watchdog.DisposeAsync();
    }

    private async Task RunRoundsAsync(CancellationToken interrupt)
    {
        ThreadPool.GetMinThreads(out var workers, out var completions);
        ThreadPool.SetMinThreads(Math.Max(workers, BlockingThreads), completions);
        await EnginePools.FillAsync();
        await using var factory = await LinkFactory.StartAsync(_context);
        _lanes = Lane.CreateMany(_plan.Sessions, _context, factory);

        var round = TimeSpan.FromSeconds(Math.Min(s_longestRound.TotalSeconds, _plan.Duration.TotalSeconds / (LeastRounds + 1)));
        do
        {
            var left = _plan.Duration - Elapsed;
            await RunRoundAsync(left < round * 1.5 ? left : round, interrupt);
        }
        while ((Elapsed < _plan.Duration || _readings.Count < 2) && Tally.ProblemCount == 0 && !interrupt.IsCancellationRequested);

        await Task.WhenAll(_lanes.Select(lane => lane.CloseAsync()));

        // Of these ends, too, nothing may be left, nor an exception that nobody has looked at.
        var end = await MeasureAsync();
        if ((end.Sessions, end.Blocks) != (0, 0))
            Tally.Report($"after the end of all sessions, {end.Sessions} session sides live and {end.Blocks} blocks are rented");
    }

    private async Task RunRoundAsync(TimeSpan time, CancellationToken interrupt)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
        var working = Task.WhenAll(_lanes.Select(lane => Task.Run(() => lane.RunAsync(stop.Token), CancellationToken.None)));
        if (time > TimeSpan.Zero)
            await Task.Delay(time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await stop.CancelAsync();
        await working;

        var reading = await MeasureAsync();
        _readings.Add(reading);
        SteadyPointReached?.Invoke(reading);
    }

    /// <summary>Reads until two readings in a row agree: what has just ended may take a moment to be gone.</summary>
    private async Task<Reading> MeasureAsync()
    {
        var idle = _lanes.SelectMany(lane => lane.Idle).ToList();
        var reading = Reading.Take(Tally.Streams, idle);
        for (var attempt = 0; attempt < CalmAttempts; attempt++)
        {
            await Task.Delay(s_calmPause);
            var next = Reading.Take(Tally.Streams, idle);
            if (next.IsAsCalmAs(reading) && next.OpenStreams == 0)
                return next;
            reading = next;
        }

        return reading;
    }
}
