namespace Muxado.Fast.Bench.Scenarios;

/// <summary>What a process used: since its start, or between two such readings. Travels between the processes as JSON.</summary>
/// <remarks>What a system or a runtime does not count is null, never zero.</remarks>
/// <param name="CpuUserSeconds">CPU time in its own code.</param>
/// <param name="CpuKernelSeconds">CPU time in the system on its behalf.</param>
/// <param name="AllocatedBytes">Allocated from the garbage-collected heap.</param>
/// <param name="Gen0Collections">Garbage collections of generation 0; all, where a runtime has no generations.</param>
/// <param name="Gen1Collections">Those of generation 1.</param>
/// <param name="Gen2Collections">Those of generation 2.</param>
/// <param name="VoluntarySwitches">How often its threads gave a processor up to wait, those that have ended included.</param>
/// <param name="InvoluntarySwitches">How often a processor was taken from them.</param>
internal sealed record ProcessCost(
    double CpuUserSeconds,
    double CpuKernelSeconds,
    long? AllocatedBytes = null,
    int? Gen0Collections = null,
    int? Gen1Collections = null,
    int? Gen2Collections = null,
    long? VoluntarySwitches = null,
    long? InvoluntarySwitches = null)
{
    public double CpuSeconds => CpuUserSeconds + CpuKernelSeconds;

    /// <summary>What this process has used since it started.</summary>
    public static ProcessCost SinceStart()
    {
        var cpu = CpuUsage();
        var (voluntary, involuntary) = ContextSwitches.Read();
        return new ProcessCost(
            cpu.UserTime.TotalSeconds,
            cpu.PrivilegedTime.TotalSeconds,
            GC.GetTotalAllocatedBytes(precise: true),
            GC.CollectionCount(0),
            GC.CollectionCount(1),
            GC.CollectionCount(2),
            voluntary,
            involuntary);
    }

    /// <summary>What was used after an earlier reading of the same process.</summary>
    public ProcessCost Since(ProcessCost earlier) => new(
        CpuUserSeconds - earlier.CpuUserSeconds,
        CpuKernelSeconds - earlier.CpuKernelSeconds,
        AllocatedBytes - earlier.AllocatedBytes,
        Gen0Collections - earlier.Gen0Collections,
        Gen1Collections - earlier.Gen1Collections,
        Gen2Collections - earlier.Gen2Collections,
        VoluntarySwitches - earlier.VoluntarySwitches,
        InvoluntarySwitches - earlier.InvoluntarySwitches);

    // Desktop and server systems only, as is this program.
    private static Environment.ProcessCpuUsage CpuUsage() =>
        OperatingSystem.IsIOS() || OperatingSystem.IsTvOS() ? throw new PlatformNotSupportedException() : Environment.CpuUsage;
}
