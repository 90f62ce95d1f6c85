using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Muxado.Fast.Bench.Micro.Streams;
using Muxado.Fast.Framing;
using Muxado.Fast.Sessions;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Bench.Micro.Sessions;

/// <summary>
/// What does it cost to find out whose frame is next, among few writers and many, of one priority and of four? The baseline is the
/// framework's priority queue, ordered by priority and turn, which shares as fairly within a priority and starves the lower ones.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class PriorityRingBenchmarks
{
    private const int Cuts = 1024;
    private const int CutsPerBatch = 4;
    private const int MixedPriorities = 4;
    private const int CutsForShares = 64 * 1024;

    private readonly QuietHost _host = new(Wire.InitialWindowBytes);
    private readonly PriorityQueue<WriteOperation, (long NegatedPriority, long Turn)> _queue = new();
    private PriorityRing _ring = new();
    private WriteOperation[] _writes = [];
    private long _turn;

    [Params(1, 8, 64)]
    public int Writers { get; set; }

    [Params(false, true)]
    public bool Mixed { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _ring = new PriorityRing();
        _queue.Clear();
        _writes = [.. Enumerable.Range(0, Writers).Select(CreateWrite)];
        foreach (var write in _writes)
        {
            _ring.Link(write);
            Enqueue(write);
        }

        VerifyShares();
        Verify.Equal(Cuts, Ring());
        Verify.Equal(Cuts, FrameworkQueue());
        Verify.Equal(Cuts, LinkCutUnlink());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (var write in _writes)
            _ring.Unlink(write);
        Verify.That(_ring.IsEmpty);
    }

    [Benchmark(OperationsPerInvoke = Cuts), BenchmarkCategory("whose turn")]
    public int Ring()
    {
        var cuts = 0;
        for (var batch = 0; batch < Cuts / CutsPerBatch; batch++)
            cuts += CutBatch(null);
        return cuts;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Cuts), BenchmarkCategory("whose turn")]
    public int FrameworkQueue()
    {
        var cuts = 0;
        for (var i = 0; i < Cuts; i++)
        {
            Enqueue(_queue.Dequeue());
            cuts++;
        }

        return cuts;
    }

    /// <summary>A write of one frame, which comes, is cut, and goes, beside those that stay.</summary>
    [Benchmark(OperationsPerInvoke = Cuts), BenchmarkCategory("come and go")]
    public int LinkCutUnlink()
    {
        var cuts = 0;
        for (var i = 0; i < Cuts; i++)
        {
            var write = _writes[i % _writes.Length];
            _ring.Unlink(write);
            _ring.Link(write);
            if (_ring.Next(floor: 0) is not { } next)
                continue;
            _ring.OnCut(next, Wire.MaxFrameBytes, floor: 0);
            cuts++;
        }

        return cuts;
    }

    // The floor rises to the highest priority that has had a share of the batch, as the session's output has it.
    private int CutBatch(Dictionary<WriteOperation, int>? shares)
    {
        uint floor = 0;
        var cuts = 0;
        while (cuts < CutsPerBatch && _ring.Next(floor) is { } write)
        {
            floor = Math.Max(floor, write.Stream.Priority);
            _ring.OnCut(write, Wire.MaxFrameBytes, floor);
            if (shares is not null)
                shares[write] = shares.GetValueOrDefault(write) + 1;
            cuts++;
        }

        return cuts;
    }

    // Nobody starves, and writers of one priority get the same, give or take a frame.
    private void VerifyShares()
    {
        var shares = new Dictionary<WriteOperation, int>();
        for (var i = 0; i < CutsForShares / CutsPerBatch; i++)
            CutBatch(shares);
        Verify.Equal(Writers, shares.Count);
        foreach (var equals in shares.GroupBy(share => share.Key.Stream.Priority))
            Verify.That(equals.Max(share => share.Value) - equals.Min(share => share.Value) <= 1);
    }

    private WriteOperation CreateWrite(int index)
    {
        var stream = new StreamCore();
        var priority = Mixed ? (uint)(index % MixedPriorities) : 0;
        stream.Open(_host, (uint)((2 * index) + 3), priority, streamType: 0, StreamState.None);
        return WriteOperation.Rent(stream, new WriteSource(new byte[1]), completesWrites: false, timeoutDue: long.MaxValue);
    }

    private void Enqueue(WriteOperation write) => _queue.Enqueue(write, (-(long)write.Stream.Priority, _turn++));
}
