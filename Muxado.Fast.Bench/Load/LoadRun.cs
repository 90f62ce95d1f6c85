using System.Diagnostics;
using HdrHistogram;
using Muxado.Fast.Bench.Cli;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Load;

/// <summary>Runs a <see cref="LoadPlan"/>: as many lanes as streams at a time, each doing one operation after another.</summary>
/// <remarks>
/// Owner: the load command.
/// Threading: <see cref="RunAsync"/> once; <see cref="Progress"/> from any thread.
/// Invariants: each operation number is used once, and ends as an operation or as an error, unless the load is interrupted.
/// </remarks>
internal sealed class LoadRun(LoadPlan plan) : IAsyncDisposable
{
    private static readonly TimeSpan s_stallLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_watchInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_refusedPause = TimeSpan.FromMilliseconds(1);

    private readonly LoadConnection _connection = new(plan.Server, plan.Tls);
    private readonly LongConcurrentHistogram _latencies = Latencies.CreateShared();
    private long _started;
    private long _issued;

    public LoadProgress Progress { get; } = new();

    public TimeSpan Elapsed => _started == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_started);

    /// <exception cref="CommandFailedException">The server cannot be reached, or nothing moved for 10 s.</exception>
    /// <exception cref="OperationCanceledException">Interrupted while connecting; later, what was done so far is reported.</exception>
    public async Task<LoadReport> RunAsync(CancellationToken interrupt)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
        await ConnectAsync(interrupt);
        _started = Stopwatch.GetTimestamp();
        Progress.Mark();
        var lanes = Task.WhenAll(Enumerable.Range(0, plan.Concurrency).Select(_ => RunLaneAsync(stop.Token)));
        await WatchAsync(lanes, stop);
        return Report(Elapsed.TotalSeconds);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task ConnectAsync(CancellationToken interrupt)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(interrupt);
        limit.CancelAfter(s_stallLimit);
        try
        {
            await _connection.ConnectAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!interrupt.IsCancellationRequested)
        {
            throw new CommandFailedException($"cannot connect to {plan.Server}: no answer for {s_stallLimit.TotalSeconds:0} s");
        }
    }

    private async Task RunLaneAsync(CancellationToken stop)
    {
        var buffer = new byte[(int)Math.Clamp(plan.SizeBytes, 1, Payload.MaxPieceBytes)];
        while (!stop.IsCancellationRequested && (plan.Duration is not { } duration || Elapsed < duration))
        {
            var number = Interlocked.Increment(ref _issued) - 1;
            if (number >= plan.Count)
                return;
            await RunOperationAsync(number, buffer, stop);
        }
    }

    private async ValueTask RunOperationAsync(long number, byte[] buffer, CancellationToken stop)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            MuxadoSession? session = null;
            try
            {
                session = await _connection.GetAsync(stop);
                await EchoOperation.RunAsync(session, number, plan.SizeBytes, buffer, Progress);
                Latencies.Record(_latencies, start, Stopwatch.GetTimestamp());
                Progress.CountOperation();
                return;
            }
            catch (MuxadoException failure) when (failure.IsRetrySafe && !stop.IsCancellationRequested)
            {
                Progress.CountRetry();
                if (failure.Error == MuxadoError.StreamRefused)
                    await PauseAsync(stop);
                else if (session is not null)
                    _connection.Retire(session);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (session is not null && EndsSession(failure))
                    _connection.Retire(session);
                Progress.CountError(failure);
                return;
            }
        }
    }

    // The peer has as many streams as it wants: give it a moment, rather than the same question again.
    private static async Task PauseAsync(CancellationToken stop) =>
        await Task.Delay(s_refusedPause, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static bool EndsSession(Exception failure) =>
        failure is MuxadoException { Error: not (MuxadoError.StreamAborted or MuxadoError.StreamRefused or MuxadoError.DeadlineExceeded) };

    /// <summary>
    /// Waits for the lanes, and ends a load that gets nowhere. Aborting the sessions wakes every operation at once, so the
    /// operations themselves need no cancellation token.
    /// </summary>
    private async Task WatchAsync(Task lanes, CancellationTokenSource stop)
    {
        while (!lanes.IsCompleted && Progress.SinceMark < s_stallLimit)
            await Task.WhenAny(lanes, Task.Delay(s_watchInterval));
        if (lanes.IsCompleted)
        {
            await lanes;
            return;
        }

        await stop.CancelAsync();
        _connection.Abort();
        await Task.WhenAny(lanes, Task.Delay(s_stallLimit));
        throw new CommandFailedException(
            $"no progress for {s_stallLimit.TotalSeconds:0} s at {plan.Server} "
            + $"({Progress.Operations} operations done, {Progress.Errors} errors, {Progress.Retried} retried): "
            + (_connection.LastFailure ?? Progress.FirstError ?? "the server does not answer"));
    }

    private LoadReport Report(double seconds) => new(
        Progress.Operations,
        Progress.Errors,
        Progress.Retried,
        Progress.Operations / seconds,
        Latencies.PercentileUs(_latencies, 50),
        Latencies.PercentileUs(_latencies, 99),
        Progress.Operations * plan.SizeBytes / seconds / 1e6);
}
