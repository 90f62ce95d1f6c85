using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using Muxado.Fast.Bench.Micro.Sessions;

namespace Muxado.Fast.Bench.Micro.Pooling;

/// <summary>What does a pool add to a short stream's life: opened on the session itself, and through a pool that has it?</summary>
[SuppressMessage("Design", "CA1001", Justification = "The cleanup disposes what a setup has made.")]
[MemoryDiagnoser]
public class PoolOpenBenchmarks
{
    private readonly PreparedPeer _peer = new(isClient: true);
    private ShortLife _life = null!;
    private MuxadoSessionPool _pool = null!;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _life = new ShortLife(_peer);
        _pool = new MuxadoSessionPool(
            _ => new ValueTask<MuxadoSession>(_peer.Session), new MuxadoSessionPoolOptions { MaxSessions = 1, IdleTimeout = Timeout.InfiniteTimeSpan });
        Verify.Equal(ShortLife.PayloadBytes, _life.Live(await _pool.OpenHandleAsync())); // Dials.
        Verify.Equal(ShortLife.PayloadBytes, ThroughPool());
        Verify.Equal(ShortLife.PayloadBytes, OnSession());
        Verify.Equal(1, _pool.State.ReadySessions);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        Verify.Equal(0, _peer.Session.ActiveStreams);
        _peer.Session.Abort();
    }

    [Benchmark(Baseline = true)]
    public int OnSession() => _life.Live(_peer.Session.OpenHandle());

    [Benchmark]
    public int ThroughPool() => _life.Live(Synchronously.Take(_pool.OpenHandleAsync()));
}
