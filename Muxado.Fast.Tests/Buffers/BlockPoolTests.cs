using System.Collections.Concurrent;
using CsCheck;
using Muxado.Fast.Buffers;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Buffers;

public sealed class BlockPoolTests
{
    [Test]
    public void Blocks_have_one_of_two_sizes_and_start_empty()
    {
        BlockPool pool = new();
        Block small = pool.RentSmall();
        Block large = pool.RentLarge();

        Assert.Multiple(() =>
        {
            Assert.That(small.Array, Has.Length.EqualTo(Block.SmallBytes));
            Assert.That(small.Size, Is.EqualTo(BlockSize.Small));
            Assert.That(large.Array, Has.Length.EqualTo(Block.LargeBytes));
            Assert.That(large.Size, Is.EqualTo(BlockSize.Large));
            Assert.That(large.Unread.Length, Is.Zero);
            Assert.That(large.Free.Length, Is.EqualTo(Block.LargeBytes));
        });
    }

    [Test]
    public void A_returned_block_is_rented_again_and_empty([Values] bool isLarge)
    {
        BlockPool pool = new();
        Block block = Rent(pool, isLarge);
        block.End = 10;
        block.Start = 5;
        block.Next = new BlockPool().RentSmall();
        pool.Return(block);

        Block again = Rent(pool, isLarge);

        Assert.That(again, Is.SameAs(block));
        Assert.That((again.Start, again.End, again.Next), Is.EqualTo((0, 0, (Block?)null)));
    }

    [Test]
    public void A_block_that_comes_back_twice_is_refused([Values] bool isLarge, [Values(0, 8)] int maxRetained)
    {
        BlockPool pool = new(maxRetained, maxRetained);
        Block block = Rent(pool, isLarge);
        pool.Return(block);

        Assert.That(() => pool.Return(block), Throws.InvalidOperationException.With.Message.Contains("twice"));
        Assert.That(pool.Outstanding, Is.Zero);
        Block first = Rent(pool, isLarge);
        Block second = Rent(pool, isLarge);
        Assert.That(second, Is.Not.SameAs(first));
    }

    [Test]
    public void A_block_of_another_pool_is_refused()
    {
        BlockPool pool = new();
        Block foreign = new BlockPool().RentSmall();

        Assert.That(() => pool.Return(foreign), Throws.InvalidOperationException);
        Assert.That(pool.Outstanding, Is.Zero);
    }

    [Test]
    public void No_more_blocks_are_kept_than_allowed()
    {
        BlockPool pool = new(maxRetainedSmall: 1, maxRetainedLarge: 2);
        Block[] small = [pool.RentSmall(), pool.RentSmall()];
        Block[] large = [pool.RentLarge(), pool.RentLarge(), pool.RentLarge()];
        foreach (Block block in (Block[])[.. small, .. large])
            pool.Return(block);

        Block[] smallAgain = [pool.RentSmall(), pool.RentSmall()];
        Block[] largeAgain = [pool.RentLarge(), pool.RentLarge(), pool.RentLarge()];

        Assert.That(smallAgain.Intersect(small).Count(), Is.EqualTo(1));
        Assert.That(largeAgain.Intersect(large).Count(), Is.EqualTo(2));
    }

    [Test]
    public void Outstanding_counts_what_is_rented()
    {
        BlockPool pool = new(maxRetainedSmall: 0, maxRetainedLarge: 1);
        Block small = pool.RentSmall();
        Block large = pool.RentLarge();
        Assert.That(pool.Outstanding, Is.EqualTo(2));
        pool.Return(small);
        Assert.That(pool.Outstanding, Is.EqualTo(1));
        pool.Return(large);
        Assert.That(pool.Outstanding, Is.Zero);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Many_threads_never_share_a_block(CancellationToken ct)
    {
        BlockPool pool = new(maxRetainedSmall: 2, maxRetainedLarge: 2);
        Task[] renters = [.. Enumerable.Range(0, 4).Select(n => Task.Run(() => RentAndReturn(pool, (byte)n), ct))];

        await Task.WhenAll(renters).WaitAsync(ct);

        Assert.That(pool.Outstanding, Is.Zero);
    }

    /// <summary>With nothing in between, so that a count that is not atomic loses some.</summary>
    [Test]
    [CancelAfter(30_000)]
    public async Task Every_rent_and_return_is_counted(CancellationToken ct)
    {
        BlockPool pool = new(maxRetainedSmall: 4);
        Task[] renters = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(() => RentAndReturnAtOnce(pool, ct), ct))];

        await Task.WhenAll(renters).WaitAsync(ct);

        Assert.That(pool.Outstanding, Is.Zero);
    }

    [Test]
    public void Renting_and_returning_at_once_is_as_one_after_the_other() =>
        Gen.Const(() => new RentedBlocks()).SampleParallel(
            Gen.Bool.Operation<RentedBlocks>(isLarge => isLarge ? "rent large" : "rent small", (rented, isLarge) => rented.Rent(isLarge)),
            Gen.Operation<RentedBlocks>("return", rented => rented.Return()),
            equal: (parallel, sequential) => parallel.State == sequential.State,
            maxParallelOperations: 4,
            iter: 50,
            print: rented => $"{rented.State}");

#if DEBUG
    [Test]
    public void What_lies_in_the_pool_is_poisoned()
    {
        BlockPool pool = new();
        Block block = pool.RentSmall();
        pool.Return(block);

        Assert.That(block.Array, Is.All.EqualTo(0xDD));
    }
#endif

    private static void RentAndReturn(BlockPool pool, byte mark)
    {
        for (int round = 0; round < 5_000; round++)
        {
            Block block = Rent(pool, isLarge: round % 8 == 0);
            Span<byte> some = block.Array.AsSpan(0, 16);
            some.Fill(mark);
            Thread.SpinWait(10);
            if (some.ContainsAnyExcept(mark))
                Assert.Fail("another thread wrote into a rented block");
            pool.Return(block);
        }
    }

    private static void RentAndReturnAtOnce(BlockPool pool, CancellationToken ct)
    {
        for (int round = 0; round < 500_000 && !ct.IsCancellationRequested; round++)
            pool.Return(pool.RentSmall());
    }

    private static Block Rent(BlockPool pool, bool isLarge) => isLarge ? pool.RentLarge() : pool.RentSmall();

    /// <summary>A pool that keeps little, and what is rented from it.</summary>
    private sealed class RentedBlocks
    {
        private readonly BlockPool _pool = new(maxRetainedSmall: 2, maxRetainedLarge: 1);
        private readonly ConcurrentQueue<Block> _rented = new();

        /// <summary>How many are out, by the pool and by count, and whether all of them are different.</summary>
        public (int Outstanding, int Rented, bool AreDistinct) State => (_pool.Outstanding, _rented.Count, _rented.Distinct().Count() == _rented.Count);

        public void Rent(bool isLarge) => _rented.Enqueue(BlockPoolTests.Rent(_pool, isLarge));

        public void Return()
        {
            if (_rented.TryDequeue(out Block? block))
                _pool.Return(block);
        }
    }
}
