using Muxado.Fast.Buffers;
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
    private const double BackgroundBytesPerOperation = 0.9;

    private const int WarmUpOperations = 40_000;
    private const int Rounds = 5;
    private const int OperationsPerRound = 30_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Runs the operations to warm up, then again under measurement. One long round within the budget is enough: what an operation
    /// allocates shows in every one of them, what the runner does in between does not.
    /// </summary>
    /// <param name="budget">How many bytes an operation may allocate.</param>
    /// <param name="runAsync">Runs a given number of operations to their end, allocating nothing for any single one of them.</param>
    public static async Task AssertBytesPerOperationAsync(int budget, Func<int, Task> runAsync)
    {
        FillPool();
        await RunAsync(WarmUpOperations);
        var rounds = new List<double>();
        while (rounds.Count < Rounds)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await RunAsync(OperationsPerRound);
            rounds.Add((GC.GetTotalAllocatedBytes(precise: true) - before) / (double)OperationsPerRound);
            if (rounds[^1] < budget + BackgroundBytesPerOperation)
                return;
        }

        TestContext.Out.WriteLine($"bytes per operation: {string.Join("  ", rounds.Select(bytes => bytes.ToString("F3")))}");

        using var types = new AllocatedTypes();
        await RunAsync(OperationsPerRound);
        Assert.Fail($"{rounds.Min():F3} bytes per operation, more than {budget}. Sampled in another round: {types}.");

        // Away from the test's own thread, so that its continuations run nowhere but where the library completes them.
        Task RunAsync(int count) => Task.Run(() => runAsync(count)).WaitAsync(s_patience);
    }

    /// <summary>How many blocks are in use at most depends on who runs ahead of whom: later the pool has enough for the worst case.</summary>
    private static void FillPool()
    {
        const int More = 128; // twice a window in small blocks
        var blocks = new List<Block>();
        for (var i = 0; i < More; i++)
        {
            blocks.Add(BlockPool.Shared.RentSmall());
            blocks.Add(BlockPool.Shared.RentLarge());
        }

        blocks.ForEach(BlockPool.Shared.Return);
    }
}
