using BenchmarkDotNet.Attributes;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.Primitives;

/// <summary>
/// Which lock is the cheapest when it is held as long as the engine holds its own, by one thread alone and by two at once? Under the
/// lock a small frame is put into a batch; outside it the same work is done three times, as a stream has other things to do too.
/// </summary>
[MemoryDiagnoser]
public class LockBenchmarks
{
    private const int HoldsPerThread = 16_384;
    private const int PayloadBytes = 64;
    private const int FrameBytes = Wire.HeaderBytes + PayloadBytes;
    private const int BatchFrames = 128;
    private const int WorkOutside = 3;

    [ThreadStatic]
    private static byte[]? t_own;

    private readonly Lock _lock = new();
    private readonly object _monitor = new();
    private readonly byte[] _payload = new byte[PayloadBytes];
    private readonly byte[] _batch = new byte[BatchFrames * FrameBytes];
    private readonly Action _underLock;
    private readonly Action _underMonitor;
    private readonly Action _underSpinLock;
    private SpinLock _spinLock = new(enableThreadOwnerTracking: false);
    private SecondThread? _second;

    // Guarded by whichever lock is measured, and not atomic: a lock that excludes nobody loses some.
    private long _frames;

    public LockBenchmarks()
    {
        _underLock = HoldLock;
        _underMonitor = HoldMonitor;
        _underSpinLock = HoldSpinLock;
    }

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _second = Threads == 2 ? new SecondThread() : null;
        Verify.Equal(Threads * HoldsPerThread, MonitorLock());
        Verify.Equal(Threads * HoldsPerThread, SystemThreadingLock());
        Verify.Equal(Threads * HoldsPerThread, SpinningLock());
    }

    [GlobalCleanup]
    public void Cleanup() => _second?.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = HoldsPerThread)]
    public long MonitorLock() => Run(_underMonitor);

    [Benchmark(OperationsPerInvoke = HoldsPerThread)]
    public long SystemThreadingLock() => Run(_underLock);

    [Benchmark(OperationsPerInvoke = HoldsPerThread)]
    public long SpinningLock() => Run(_underSpinLock);

    private long Run(Action hold)
    {
        _frames = 0;
        if (_second is null)
            hold();
        else
            _second.RunOnBoth(hold);
        if (_frames != Threads * HoldsPerThread)
            throw new InvalidOperationException($"{Threads * HoldsPerThread} holds left {_frames} marks: the lock does not exclude.");
        return _frames;
    }

    private void HoldLock()
    {
        for (var i = 0; i < HoldsPerThread; i++)
        {
            lock (_lock)
                AppendFrame();
            WorkAlone();
        }
    }

    private void HoldMonitor()
    {
        for (var i = 0; i < HoldsPerThread; i++)
        {
            lock (_monitor)
                AppendFrame();
            WorkAlone();
        }
    }

    private void HoldSpinLock()
    {
        for (var i = 0; i < HoldsPerThread; i++)
        {
            var taken = false;
            _spinLock.Enter(ref taken);
            try
            {
                AppendFrame();
            }
            finally
            {
                _spinLock.Exit(useMemoryBarrier: false);
            }

            WorkAlone();
        }
    }

    private void AppendFrame()
    {
        WriteFrame(_batch.AsSpan((int)(_frames % BatchFrames) * FrameBytes));
        _frames++;
    }

    private void WorkAlone()
    {
        var own = t_own ??= new byte[FrameBytes];
        for (var i = 0; i < WorkOutside; i++)
            WriteFrame(own);
    }

    private void WriteFrame(Span<byte> frame)
    {
        FrameEncoder.WriteDataHeader(frame, id: 3, PayloadBytes, fin: false);
        _payload.CopyTo(frame[Wire.HeaderBytes..]);
    }
}
