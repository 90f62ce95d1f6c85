using BenchmarkDotNet.Attributes;
using Muxado.Fast.FlowControl;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.FlowControl;

/// <summary>
/// What does a received frame pay for flow control: charging the receive window, and noting that the application has read, which
/// returns credit at half a window? The baseline is two bare numbers.
/// </summary>
[MemoryDiagnoser]
public class ReceiveWindowBenchmarks
{
    private const int Frames = 1024;

    private readonly Lock _gate = new();
    private ReceiveWindow _window = new(Wire.InitialWindowBytes);
    private int _bareRemaining = Wire.InitialWindowBytes;
    private int _bareOwed;

    [Params(64, 1024, Wire.MaxPayloadBytes)]
    public int FrameBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        VerifyGrants(BareNumbers());
        VerifyGrants(Window());
        VerifyGrants(WindowUnderLock());
    }

    [GlobalCleanup]
    public void Cleanup() => Verify.Equal(Wire.InitialWindowBytes, _window.SizeBytes);

    [Benchmark(Baseline = true, OperationsPerInvoke = Frames)]
    public long BareNumbers()
    {
        long granted = 0;
        for (var i = 0; i < Frames; i++)
        {
            if (FrameBytes > _bareRemaining)
                throw OverWindow();
            _bareRemaining -= FrameBytes;
            _bareOwed += FrameBytes;
            if (_bareOwed < Wire.InitialWindowBytes / 2)
                continue;
            _bareRemaining += _bareOwed;
            granted += _bareOwed;
            _bareOwed = 0;
        }

        return granted;
    }

    [Benchmark(OperationsPerInvoke = Frames)]
    public long Window()
    {
        long granted = 0;
        for (var i = 0; i < Frames; i++)
        {
            if (!_window.TryCharge(FrameBytes))
                throw OverWindow();
            granted += _window.Consume(FrameBytes);
        }

        return granted;
    }

    /// <summary>As in a stream: a frame comes under its lock, and the read that takes it is another hold.</summary>
    [Benchmark(OperationsPerInvoke = Frames)]
    public long WindowUnderLock()
    {
        long granted = 0;
        for (var i = 0; i < Frames; i++)
        {
            lock (_gate)
            {
                if (!_window.TryCharge(FrameBytes))
                    throw OverWindow();
            }

            lock (_gate)
                granted += _window.Consume(FrameBytes);
        }

        return granted;
    }

    // All credit, give or take what is owed before and after, which is less than half a window.
    private void VerifyGrants(long grantedBytes) =>
        Verify.That(Math.Abs(grantedBytes - ((long)Frames * FrameBytes)) < Wire.InitialWindowBytes / 2);

    private static InvalidOperationException OverWindow() => new("A frame did not fit the window although all before it was read.");
}
