using System.Globalization;

namespace Muxado.Fast.Bench.Soak;

/// <summary>Decides whether what a process holds has stayed as it was.</summary>
internal static class FlatnessJudge
{
    /// <summary>How much larger the heap may be than at the first steady point, in bytes, after however many streams.</summary>
    public const long HeapGrowthBytes = 1024 * 1024;

    /// <summary>The thread pool keeps for a while what it once needed.</summary>
    public const int ThreadGrowth = 32;

    /// <summary>What has grown, each in a sentence; none if all is flat.</summary>
    public static IEnumerable<string> Complain(Reading first, Reading last)
    {
        return new[]
        {
            Grown("managed heap", first.HeapBytes, last.HeapBytes, HeapGrowthBytes, " B"),
            Grown("open sockets", first.Sockets, last.Sockets),
            Grown("file descriptors", first.Descriptors, last.Descriptors),
            Grown("active timers", first.Timers, last.Timers),
            Grown("threads", first.Threads, last.Threads, ThreadGrowth),
            Grown("rented blocks", first.Blocks, last.Blocks),
            Grown("live sessions", first.Sessions, last.Sessions),
            Grown("open streams", 0, last.OpenStreams),
        }.OfType<string>();

        string? Grown(string what, long? before, long? after, long allowed = 0, string unit = "") => after - before > allowed
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{what} not flat: {before:N0}{unit} at first, {after:N0}{unit} after {last.Streams - first.Streams:N0} more streams, {allowed:N0}{unit} of growth allowed")
            : null;
    }
}
