using Muxado.Fast.Buffers;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Bench.Soak;

/// <summary>
/// Fills the engine's pools of memory up to what they keep, before the first reading: from then on they neither grow nor shrink, so that
/// whatever makes the heap larger is a leak and not a pool that has met a busier moment than before.
/// </summary>
internal static class EnginePools
{
    // Each at least as many as its pool keeps.
    private const int ReceiveBuffers = 128;
    private const int RecordBatches = 64;

    public static async Task FillAsync()
    {
        Fill(BlockSize.Small, BlockPool.DefaultRetainedSmall);
        Fill(BlockSize.Large, BlockPool.DefaultRetainedLarge);
        Fill(BlockSize.Wide, BlockPool.DefaultRetainedWide);

        var buffers = Enumerable.Range(0, ReceiveBuffers).Select(_ => new ReceiveBuffer()).ToList();
        buffers.ForEach(buffer => buffer.OnParsed(ReceiveBuffer.SmallBytes));
        buffers.ForEach(buffer => buffer.Release());

        var records = Enumerable.Range(0, RecordBatches).Select(_ => new RecordStream(Stream.Null)).ToList();
        records.ForEach(record => record.Gather());
        foreach (var record in records)
        {
            await record.SendGatheredAsync(CancellationToken.None);
            await record.DisposeAsync();
        }
    }

    private static void Fill(BlockSize size, int count)
    {
        var blocks = Enumerable.Range(0, count).Select(_ => BlockPool.Shared.Rent(size)).ToList();
        blocks.ForEach(BlockPool.Shared.Return);
    }
}
