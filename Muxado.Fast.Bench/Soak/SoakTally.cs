using System.Collections.Concurrent;

namespace Muxado.Fast.Bench.Soak;

/// <summary>What a soak counts, and what it found wrong. Any thread.</summary>
internal sealed class SoakTally
{
    private const int MaxReports = 20;

    private readonly long[] _disturbances = new long[Enum.GetValues<Disturbance>().Length];
    private readonly ConcurrentQueue<string> _problems = new();
    private long _problemCount;
    private long _streams;
    private long _unseenStreams;
    private long _sessions;
    private long _bytes;
    private long _retried;

    /// <summary>Streams that were opened and are over.</summary>
    public long Streams => Interlocked.Read(ref _streams);

    /// <summary>Those that the accepting end met only when their opener had left already: their content is not checked.</summary>
    public long UnseenStreams => Interlocked.Read(ref _unseenStreams);

    public long Sessions => Interlocked.Read(ref _sessions);

    /// <summary>Bytes that were read and found right.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Streams that failed safe to retry: refused, or on a session that was going away.</summary>
    public long Retried => Interlocked.Read(ref _retried);

    public long ProblemCount => Interlocked.Read(ref _problemCount);

    /// <summary>The first of them.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    public long Of(Disturbance disturbance) => Interlocked.Read(ref _disturbances[(int)disturbance]);

    public void Count(Disturbance disturbance) => Interlocked.Increment(ref _disturbances[(int)disturbance]);

    public void CountStream() => Interlocked.Increment(ref _streams);

    public void CountUnseenStream() => Interlocked.Increment(ref _unseenStreams);

    public void CountSession() => Interlocked.Increment(ref _sessions);

    public void CountRetried() => Interlocked.Increment(ref _retried);

    public void AddBytes(long bytes) => Interlocked.Add(ref _bytes, bytes);

    public void Report(string problem)
    {
        if (Interlocked.Increment(ref _problemCount) <= MaxReports)
            _problems.Enqueue(problem);
    }
}
