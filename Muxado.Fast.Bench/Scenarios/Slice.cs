using System.Diagnostics;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>The part of a scenario that is measured: when it began and ended, and what this process used meanwhile.</summary>
/// <remarks>
/// Threading: one owner; the deadline may be read by all loops.
/// Invariants: whatever a scenario opens or allocates for itself lies before <see cref="Begin"/> or after <see cref="End"/>.
/// </remarks>
internal sealed class Slice
{
    private readonly ProcessCost _costAtBegin;
    private readonly long _beginTimestamp;

    private Slice(TimeSpan duration)
    {
        Observer?.Invoke(SliceEdge.Begin);
        _costAtBegin = ProcessCost.SinceStart();
        _beginTimestamp = Stopwatch.GetTimestamp();
        DeadlineTimestamp = _beginTimestamp + (long)(duration.TotalSeconds * Stopwatch.Frequency);
    }

    /// <summary>Called just before each slice of this process and just after it, outside of what is measured; null for nobody.</summary>
    public static Action<SliceEdge>? Observer { get; set; }

    /// <summary>No operation begins after this but each loop's first.</summary>
    public long DeadlineTimestamp { get; }

    /// <summary>From the begin to the end of the last operation.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>What this process used in that time.</summary>
    public ProcessCost? Cost { get; private set; }

    public static Slice Begin(TimeSpan duration) => new(duration);

    public void End()
    {
        Elapsed = Stopwatch.GetElapsedTime(_beginTimestamp);
        Cost = ProcessCost.SinceStart().Since(_costAtBegin);
        Observer?.Invoke(SliceEdge.End);
    }
}
