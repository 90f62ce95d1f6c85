using Muxado.Fast.Buffers;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Buffers;

/// <summary>How a batch lays frames out in segments.</summary>
public sealed class SendBatchTests
{
    private readonly BlockPool _pool = new();

    [TearDown]
    public void Nothing_is_kept() => Assert.That(_pool.Outstanding, Is.Zero);

    [TestCase(false, 5, TestName = "A block for each large frame where segments are gathered")]
    [TestCase(true, 1, TestName = "One row for the frames of a 64 KiB write where each segment has its price")]
    public void Copied_frames_lie_in(bool isWide, int segments)
    {
        var batch = new SendBatch(_pool, isWide ? BlockSize.Wide : BlockSize.Large);

        // 64 KiB in whole frames, which are a byte short of 16 KiB, and what is left over.
        foreach (var frameBytes in new[] { 8 + 4, 8 + 16_383, 8 + 16_383, 8 + 16_383, 8 + 16_383 })
            batch.Reserve(frameBytes).Fill((byte)frameBytes);

        Assert.That(batch.Count, Is.EqualTo(segments));
        Assert.That(batch.TotalBytes, Is.EqualTo((64 * 1024) + 40));
        batch.Consume(batch.TotalBytes);
    }
}
