using System.Diagnostics;

namespace Muxado.Fast.Bench.Load;

/// <summary>The counters of a running load, and when it last got anywhere. Any thread.</summary>
internal sealed class LoadProgress
{
    private long _lastMark = Stopwatch.GetTimestamp();
    private long _operations;
    private long _errors;
    private long _retried;

    public long Operations => Interlocked.Read(ref _operations);

    public long Errors => Interlocked.Read(ref _errors);

    public long Retried => Interlocked.Read(ref _retried);

    public string? FirstError { get; private set; }

    public TimeSpan SinceMark => Stopwatch.GetElapsedTime(Volatile.Read(ref _lastMark));

    public void Mark() => Volatile.Write(ref _lastMark, Stopwatch.GetTimestamp());

    public void CountOperation()
    {
        Interlocked.Increment(ref _operations);
        Mark();
    }

    public void CountRetry() => Interlocked.Increment(ref _retried);

    public void CountError(Exception failure)
    {
        Interlocked.Increment(ref _errors);
        FirstError ??= failure.Message;
    }
}
