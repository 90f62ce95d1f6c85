using System.Runtime.CompilerServices;

namespace Muxado.Fast;

/// <summary>The limits and timings of a <see cref="MuxadoSessionPool"/>. Checked and copied when a pool is created; later changes have no effect on it.</summary>
public sealed class MuxadoSessionPoolOptions
{
    /// <summary>
    /// How many sessions take streams at once. Default 4, from 1 to 1,024. Sessions that only let their last streams finish do not count.
    /// </summary>
    public int MaxSessions { get; set; } = 4;

    /// <summary>
    /// How many sessions are kept, from the first open on, even when nothing uses them. Default 1, from 0 to <see cref="MaxSessions"/>.
    /// With 0 nothing is dialled unless somebody waits for it.
    /// </summary>
    public int MinSessions { get; set; } = 1;

    /// <summary>
    /// How many streams that this side opened a session carries at most; further opens go to another session, or wait. Default 256, at least 1.
    /// Keep it below the server's <see cref="MuxadoSessionOptions.MaxInboundStreams"/>, which refuses what is beyond.
    /// </summary>
    public int MaxStreamsPerSession { get; set; } = 256;

    /// <summary>
    /// How long a session beyond <see cref="MinSessions"/> may go without a stream before it is closed; it takes at most twice as long. Default 60 s,
    /// positive, or <see cref="Timeout.InfiniteTimeSpan"/> to keep all. Rounded up to whole milliseconds.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long one attempt to dial may take, TLS included. Default 10 s, positive or infinite.</summary>
    public TimeSpan DialTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long an open may wait for a session or for room in one, before it fails with <see cref="MuxadoError.DeadlineExceeded"/>.
    /// Default 30 s, positive, or <see cref="Timeout.InfiniteTimeSpan"/> to wait until the caller's token ends it.
    /// </summary>
    public TimeSpan OpenTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The wait after a first failed attempt to dial, or a first failed operation of <c>ExecuteAsync</c>; it doubles with each further one.
    /// A wait is between half of that and all of it, at random. Default 100 ms, positive, at most <see cref="MaxBackoff"/>.
    /// </summary>
    public TimeSpan InitialBackoff { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest such wait. Default 30 s, at most 1 day.</summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often <c>ExecuteAsync</c> repeats an operation whose stream the server certainly never saw. Default 5, not negative.</summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>The clock of every wait of the pool. Its sessions have their own. Default <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>What a timer can wait.</summary>
    private static readonly TimeSpan MaxInterval = TimeSpan.FromDays(24);

    private static readonly TimeSpan LongestBackoff = TimeSpan.FromDays(1);

    /// <summary>Where the jitter of the waits comes from; a test's seam.</summary>
    internal Random Random { get; set; } = Random.Shared;

    /// <summary>A copy that later changes do not reach, after a check of every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range; the message names both.</exception>
    internal MuxadoSessionPoolOptions ToChecked()
    {
        if (MaxSessions is < 1 or > 1024)
            throw OutOfRange(MaxSessions, "must be from 1 to 1,024");
        if (MinSessions < 0 || MinSessions > MaxSessions)
            throw OutOfRange(MinSessions, $"must be from 0 to {nameof(MaxSessions)}, which is {MaxSessions}");
        if (MaxStreamsPerSession < 1)
            throw OutOfRange(MaxStreamsPerSession, "must be at least 1");
        CheckInterval(IdleTimeout);
        CheckInterval(DialTimeout);
        CheckInterval(OpenTimeout);
        if (MaxBackoff <= TimeSpan.Zero || MaxBackoff > LongestBackoff)
            throw OutOfRange(MaxBackoff, "must be positive and at most 1 day");
        if (InitialBackoff <= TimeSpan.Zero || InitialBackoff > MaxBackoff)
            throw OutOfRange(InitialBackoff, $"must be positive and at most {nameof(MaxBackoff)}, which is {MaxBackoff}");
        if (MaxRetries < 0)
            throw OutOfRange(MaxRetries, "must not be negative");
        ArgumentNullException.ThrowIfNull(TimeProvider);
        return (MuxadoSessionPoolOptions)MemberwiseClone();
    }

    private static void CheckInterval(TimeSpan value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if ((value <= TimeSpan.Zero || value > MaxInterval) && value != Timeout.InfiniteTimeSpan)
            throw OutOfRange(value, "must be positive and at most 24 days, or Timeout.InfiniteTimeSpan for no limit", name);
    }

    private static ArgumentOutOfRangeException OutOfRange(object value, string range, [CallerArgumentExpression(nameof(value))] string name = "") =>
        new(name, value, $"{name} {range}.");
}
