using System.Diagnostics;
using Muxado.Fast.Buffers;
using Muxado.Fast.Diagnostics;

namespace Muxado.Fast.Bench.Soak;

/// <summary>What the process holds at a steady point: everything idle, streams closed, garbage collected.</summary>
/// <param name="Streams">How many streams there had been.</param>
/// <param name="HeapBytes">Live objects, the engine's filled pools included.</param>
/// <param name="Sockets">Open sockets, or null where that cannot be seen.</param>
/// <param name="Descriptors">Open file descriptors, sockets included but not the assemblies, which the runtime opens when it first needs them; null where that cannot be seen.</param>
/// <param name="Timers">Timers that are armed.</param>
/// <param name="Threads">Threads of the process.</param>
/// <param name="Blocks">Blocks that are rented from the engine's pool.</param>
/// <param name="Sessions">Session sides that live.</param>
/// <param name="OpenStreams">Streams that are not over, on the sessions that stay open.</param>
internal sealed record Reading(
    long Streams, long HeapBytes, int? Sockets, int? Descriptors, long Timers, int Threads, int Blocks, long Sessions, int OpenStreams)
{
    private const string DescriptorFolder = "/proc/self/fd";

    /// <summary>Takes a reading now, collecting the garbage first.</summary>
    public static Reading Take(long streams, IReadOnlyCollection<MuxadoSession> idle)
    {
        // Finalizers may let go of more, and tell of exceptions that nobody has looked at.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var heap = GC.GetTotalMemory(forceFullCollection: true);
        var (sockets, descriptors) = CountDescriptors();
        using var self = Process.GetCurrentProcess();
        return new Reading(
            streams,
            heap,
            sockets,
            descriptors,
            Timer.ActiveCount,
            self.Threads.Count,
            BlockPool.Shared.Outstanding,
            LiveSessions.Sum(clients: true).Sessions + LiveSessions.Sum(clients: false).Sessions,
            idle.Sum(session => session.GetSnapshot().Streams.Count(stream => !stream.IsExtension)));
    }

    /// <summary>Whether what is counted, and must come to rest, is the same.</summary>
    public bool IsAsCalmAs(Reading other) =>
        (Sockets, Descriptors, Timers, Blocks, Sessions, OpenStreams) == (other.Sockets, other.Descriptors, other.Timers, other.Blocks, other.Sessions, other.OpenStreams);

    private static (int? Sockets, int? Descriptors) CountDescriptors()
    {
        if (!Directory.Exists(DescriptorFolder))
            return (null, null);
        var links = Directory.GetFiles(DescriptorFolder).Select(TargetOf).OfType<string>().Where(target => Path.GetExtension(target) is not (".dll" or ".pdb")).ToList();
        return (links.Count(target => target.StartsWith("socket:", StringComparison.Ordinal)), links.Count);
    }

    // Null: closed meanwhile, as the one that listed them is.
    private static string? TargetOf(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
