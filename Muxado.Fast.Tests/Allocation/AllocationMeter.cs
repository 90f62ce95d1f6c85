using NUnit.Framework;

namespace Muxado.Fast.Tests.Allocation;

/// <summary>Counts what the whole process allocates while an action runs.</summary>
internal static class AllocationMeter
{
    /// <summary>
    /// The smallest .NET object takes 24 bytes, so anything allocated once per operation costs at least that much of each. What
    /// stays far below one byte per operation is not ours: the runtime grows its thread pool, timers tick, and the test runner
    /// talks to its host while we measure.
    /// </summary>
    public const double BackgroundBytesPerOperation = 0.9;

    public const int WarmUpOperations = 20_000;

    public const int MeasuredOperations = 100_000;

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs the operations once to warm up, then again under measurement; returns the bytes per operation.</summary>
    /// <param name="runAsync">Runs a given number of operations to their end, allocating nothing for any single one of them.</param>
    public static async Task<double> BytesPerOperationAsync(Func<int, Task> runAsync)
    {
        await RunAsync(WarmUpOperations);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await RunAsync(MeasuredOperations);
        var bytes = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)MeasuredOperations;
        TestContext.Out.WriteLine($"{bytes:F3} bytes per operation");
        return bytes;

        // Away from the test's synchronization context, to which every continuation would have to be posted.
        Task RunAsync(int count) => Task.Run(() => runAsync(count)).WaitAsync(Patience);
    }
}
