using BenchmarkDotNet.Attributes;
using Muxado.Fast.FlowControl;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.FlowControl;

/// <summary>
/// What does a write pay for flow control: for taking from the send window, and for the lock that guards it? Credit comes as from a
/// peer that returns half a window at a time. The baseline is a bare number with the same comparison.
/// </summary>
[MemoryDiagnoser]
public class SendWindowBenchmarks
{
    private const int Writes = 1024;
    private const int CreditBytes = Wire.InitialWindowBytes / 2;

    private readonly Lock _gate = new();
    private SendWindow _window = new(Wire.InitialWindowBytes);
    private int _bareBytes = Wire.InitialWindowBytes;
    private long _atomicBytes = Wire.InitialWindowBytes;

    [Params(64, 1024, Wire.MaxPayloadBytes)]
    public int WriteBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Verify.Equal((long)Writes * WriteBytes, BareNumber());
        Verify.Equal((long)Writes * WriteBytes, Window());
        Verify.Equal((long)Writes * WriteBytes, WindowUnderLock());
        Verify.Equal((long)Writes * WriteBytes, AtomicNumber());
    }

    [GlobalCleanup]
    public void Cleanup() => Verify.That(_window.AvailableBytes is > 0 and <= Wire.InitialWindowBytes);

    [Benchmark(Baseline = true, OperationsPerInvoke = Writes)]
    public long BareNumber()
    {
        long sent = 0;
        for (var i = 0; i < Writes; i++)
        {
            if (_bareBytes <= CreditBytes)
                _bareBytes += CreditBytes;
            var taken = Math.Min(WriteBytes, _bareBytes);
            _bareBytes -= taken;
            sent += taken;
        }

        return sent;
    }

    [Benchmark(OperationsPerInvoke = Writes)]
    public long Window()
    {
        long sent = 0;
        for (var i = 0; i < Writes; i++)
        {
            if (_window.AvailableBytes <= CreditBytes)
                Grow();
            sent += _window.Take(WriteBytes);
        }

        return sent;
    }

    [Benchmark(OperationsPerInvoke = Writes)]
    public long WindowUnderLock()
    {
        long sent = 0;
        for (var i = 0; i < Writes; i++)
        {
            lock (_gate)
            {
                if (_window.AvailableBytes <= CreditBytes)
                    Grow();
                sent += _window.Take(WriteBytes);
            }
        }

        return sent;
    }

    /// <summary>What a window without the stream's lock would have to do instead.</summary>
    [Benchmark(OperationsPerInvoke = Writes)]
    public long AtomicNumber()
    {
        long sent = 0;
        for (var i = 0; i < Writes; i++)
        {
            if (Volatile.Read(ref _atomicBytes) <= CreditBytes)
                Interlocked.Add(ref _atomicBytes, CreditBytes);
            sent += TakeAtomically();
        }

        return sent;
    }

    private void Grow()
    {
        if (!_window.TryGrow(CreditBytes))
            throw new InvalidOperationException("The window refused credit that fits.");
    }

    private long TakeAtomically()
    {
        while (true)
        {
            var available = Volatile.Read(ref _atomicBytes);
            var taken = Math.Min(WriteBytes, available);
            if (Interlocked.CompareExchange(ref _atomicBytes, available - taken, available) == available)
                return taken;
        }
    }
}
