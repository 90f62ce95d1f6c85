namespace Muxado.Fast.Bench.Scenarios;

/// <summary>What a process uses once its garbage is gone.</summary>
/// <param name="HeapBytes">The objects that are alive, in bytes.</param>
/// <param name="ResidentBytes">The pages of the process that are in memory, in bytes.</param>
internal readonly record struct MemoryUse(long HeapBytes, long ResidentBytes)
{
    public static MemoryUse Measure()
    {
        // Gives empty pages back to the system too, or the resident size would tell how much garbage there has ever been.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return new MemoryUse(GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
    }

    public static MemoryUse operator -(MemoryUse left, MemoryUse right) =>
        new(left.HeapBytes - right.HeapBytes, left.ResidentBytes - right.ResidentBytes);
}
