using System.Globalization;
using System.Runtime.InteropServices;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Keeps two processes on processors of their own, as if they were on two machines, until it is disposed.</summary>
/// <remarks>
/// One message at a time leaves most of a machine idle, and the system moves its few threads together or apart as it likes: what is
/// measured then has two modes, a factor of two apart, whatever the program. Apart is what happens between machines.
/// Threads that are born meanwhile take after those that bear them. Without Linux, or with one processor, it does nothing.
/// </remarks>
internal sealed partial class ProcessorHalves : IDisposable
{
    private const int MaskWords = 16; // 1,024 processors
    private static readonly ulong[]? s_allowed = OperatingSystem.IsLinux() ? ReadAllowed() : null;

    private readonly int[] _processes;

    public ProcessorHalves(int firstProcess, int secondProcess)
    {
        _processes = [firstProcess, secondProcess];
        if (s_allowed is null)
            return;
        var (first, second) = Split(s_allowed);
        Confine(firstProcess, first);
        Confine(secondProcess, second);
    }

    public static bool AreAvailable => s_allowed is not null;

    public void Dispose()
    {
        if (s_allowed is null)
            return;
        foreach (var process in _processes)
            Confine(process, s_allowed);
    }

    /// <summary>The lower and the upper half of the processors in a mask.</summary>
    internal static (ulong[] First, ulong[] Second) Split(ReadOnlySpan<ulong> allowed)
    {
        var (first, second) = (new ulong[allowed.Length], new ulong[allowed.Length]);
        var (count, taken) = (Count(allowed), 0);
        for (var processor = 0; processor < allowed.Length * 64; processor++)
        {
            var bit = allowed[processor / 64] & (1UL << (processor % 64));
            if (bit != 0)
                (taken++ < count / 2 ? first : second)[processor / 64] |= bit;
        }

        return (first, second);
    }

    private static int Count(ReadOnlySpan<ulong> mask)
    {
        var count = 0;
        foreach (var word in mask)
            count += int.CreateChecked(ulong.PopCount(word));
        return count;
    }

    private static ulong[]? ReadAllowed()
    {
        var mask = new ulong[MaskWords];
        return GetAffinity(0, MaskWords * sizeof(ulong), mask) >= 0 && Count(mask) > 1 ? mask : null;
    }

    private static void Confine(int process, ulong[] mask)
    {
        // A thread may be born of one that has not been reached yet; it is found by looking again.
        var confined = new HashSet<int>();
        bool foundAny;
        do
        {
            foundAny = false;
            foreach (var thread in ThreadsOf(process).Where(confined.Add))
            {
                _ = SetAffinity(thread, MaskWords * sizeof(ulong), mask); // It may have ended.
                foundAny = true;
            }
        }
        while (foundAny);
    }

    private static int[] ThreadsOf(int process)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{process}/task").Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return []; // It has ended, which whoever asks it something will find out.
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nint maskBytes, [Out] ulong[] mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint maskBytes, ulong[] mask);
}
