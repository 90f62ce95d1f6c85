using CsCheck;
using Muxado.Fast.Buffers;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Buffers;

public sealed class UnreadBytesTests
{
    [Test]
    public void It_behaves_as_a_queue_of_bytes_and_gives_every_block_back()
    {
        // Positive: append as many bytes. Negative: read as many.
        Gen<int> step = Gen.Frequency((6, Gen.Int[-40, 40]), (1, Gen.Int[-40_000, 40_000]));
        step.Array[1, 60].Sample(steps =>
        {
            BlockPool pool = new();
            UnreadBytes unread = default;
            Queue<byte> model = new();
            byte next = 0;
            foreach (int n in steps)
            {
                if (n >= 0)
                    Append(ref unread, model, n, pool, ref next);
                else
                    AssertReadsSame(ref unread, model, -n, pool);
                Assert.That(unread.Count, Is.EqualTo(model.Count));
                Assert.That(pool.Outstanding == 0, Is.EqualTo(model.Count == 0), "a block is held exactly while there are bytes");
            }

            AssertReadsSame(ref unread, model, model.Count, pool);
            Assert.That(pool.Outstanding, Is.Zero);
        });
    }

    [TestCase(1)]
    [TestCase(100)]
    [TestCase(9_000)]
    [TestCase(16_383)]
    public void A_window_of_frames_of_any_size_holds_little_more_than_its_bytes(int frameBytes)
    {
        const int WindowBytes = 65_536;
        BlockPool pool = new();
        UnreadBytes unread = default;
        for (int left = WindowBytes; left > 0; left -= frameBytes)
            unread.Append(new byte[Math.Min(frameBytes, left)], pool);

        int largeBlocks = frameBytes <= Block.SmallBytes ? pool.Outstanding - 1 : pool.Outstanding;
        Assert.That(unread.Count, Is.EqualTo(WindowBytes));
        Assert.That(largeBlocks * Block.LargeBytes, Is.LessThanOrEqualTo(67 * 1024), "and one small block makes 68 KiB");
    }

    [TestCase(1, false)]
    [TestCase(Block.SmallBytes, false)]
    [TestCase(Block.SmallBytes + 1, true)]
    public void The_first_block_is_as_small_as_the_data_allows(int bytes, bool isLarge)
    {
        BlockPool pool = new();
        Block small = pool.RentSmall();
        Block large = pool.RentLarge();
        pool.Return(small);
        pool.Return(large);
        UnreadBytes unread = default;

        unread.Append(new byte[bytes], pool);

        Assert.That((small.IsRented, large.IsRented), Is.EqualTo((!isLarge, isLarge)));
    }

    [Test]
    public void A_read_block_goes_back_while_later_ones_are_still_full()
    {
        BlockPool pool = new();
        UnreadBytes unread = default;
        unread.Append(new byte[Block.LargeBytes], pool);
        unread.Append(new byte[Block.LargeBytes], pool);
        Assert.That(pool.Outstanding, Is.EqualTo(2));

        unread.Read(new byte[Block.LargeBytes], pool);

        Assert.That(pool.Outstanding, Is.EqualTo(1));
    }

    [Test]
    public void Clearing_gives_everything_back()
    {
        BlockPool pool = new();
        UnreadBytes unread = default;
        unread.Append(new byte[50_000], pool);

        unread.Clear(pool);

        Assert.That((unread.Count, pool.Outstanding, unread.Read(new byte[1], pool)), Is.EqualTo((0, 0, 0)));
    }

    private static void Append(ref UnreadBytes unread, Queue<byte> model, int count, BlockPool pool, ref byte next)
    {
        byte[] bytes = new byte[count];
        foreach (ref byte b in bytes.AsSpan())
        {
            b = next++;
            model.Enqueue(b);
        }

        unread.Append(bytes, pool);
    }

    private static void AssertReadsSame(ref UnreadBytes unread, Queue<byte> model, int count, BlockPool pool)
    {
        byte[] destination = new byte[count];
        int read = unread.Read(destination, pool);
        byte[] expected = new byte[Math.Min(count, model.Count)];
        foreach (ref byte b in expected.AsSpan())
            b = model.Dequeue();
        Assert.That(destination.AsSpan(0, read).SequenceEqual(expected), Is.True);
    }
}
