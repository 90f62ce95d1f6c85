using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using BenchmarkDotNet.Attributes;
using Muxado.Fast.Bench.Micro.Sessions;

namespace Muxado.Fast.Bench.Micro.Diagnostics;

/// <summary>What does it cost to be looked at? A short stream's life with nobody listening, with a listener to the meter, one to the events, and a tap.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The cleanup disposes what a setup has made.")]
[MemoryDiagnoser]
public class ObserverBenchmarks
{
    private PreparedPeer _peer = null!;
    private ShortLife _life = null!;
    private IDisposable? _observer;

    [GlobalSetup(Target = nameof(Nobody))]
    public void SetUpNobody() => Start(null, tap: null);

    [GlobalSetup(Target = nameof(Meter))]
    public void SetUpMeter()
    {
        var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Muxado.Fast")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.Start();
        Start(listener, tap: null);
    }

    [GlobalSetup(Target = nameof(Events))]
    public void SetUpEvents()
    {
        var listener = new EveryEvent();
        Start(listener, tap: null);
        Verify.That(listener.Count > 0);
    }

    [GlobalSetup(Target = nameof(Tap))]
    public void SetUpTap()
    {
        var tap = new CountingTap();
        Start(null, tap);
        Verify.That(tap.Count > 0);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _observer?.Dispose();
        _peer.Session.Abort();
    }

    [Benchmark(Baseline = true)]
    public int Nobody() => Live();

    [Benchmark]
    public int Meter() => Live();

    [Benchmark]
    public int Events() => Live();

    [Benchmark]
    public int Tap() => Live();

    private int Live() => _life.Live(_peer.Session.OpenHandle());

    private void Start(IDisposable? observer, MuxadoFrameTap? tap)
    {
        _observer = observer;
        _peer = new PreparedPeer(isClient: true, tap: tap);
        _life = new ShortLife(_peer);
        Verify.Equal(ShortLife.PayloadBytes, Live());
    }

    private sealed class CountingTap : MuxadoFrameTap
    {
        public long Count { get; private set; }

        public override void OnFrame(in MuxadoFrame frame) => Count++;
    }

    private sealed class EveryEvent : EventListener
    {
        public long Count { get; private set; }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "Muxado-Fast")
                EnableEvents(eventSource, EventLevel.Verbose, EventKeywords.All);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) => Count++;
    }
}
