using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>How often this process gave up a processor, and how often one was taken from it; unknown where the system does not tell.</summary>
/// <remarks>
/// From <c>getrusage</c>: unlike the status files of the threads, it is one call and keeps the counts of threads that have ended,
/// as those of a thread pool do.
/// </remarks>
internal static partial class ContextSwitches
{
    private const int Self = 0;

    public static (long? Voluntary, long? Involuntary) Read()
    {
        // The layout below is that of 64-bit Unix systems.
        if (!(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS()) || nint.Size != sizeof(long))
            return (null, null);
        return GetResourceUsage(Self, out var usage) == 0 ? (usage.Counts[VoluntaryIndex], usage.Counts[InvoluntaryIndex]) : (null, null);
    }

    private const int VoluntaryIndex = 12;
    private const int InvoluntaryIndex = 13;

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetResourceUsage(int who, out ResourceUsage usage);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceUsage
    {
        // User and system time, of two words each.
        public Words4 Times;
        public Words14 Counts;
    }

    [InlineArray(4)]
    private struct Words4
    {
        private long _first;
    }

    [InlineArray(14)]
    private struct Words14
    {
        private long _first;
    }
}
