using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>Listens to the meter, to all instruments or to some, from its creation to its disposal.</summary>
/// <remarks>A measurement is named by its instrument and the values of its tags in their order, such as "muxado.io client transmit".</remarks>
internal sealed class MeterReadings : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value)> _recorded = new();
    private readonly Dictionary<string, double> _before;
    private Dictionary<string, double>? _observed;

    public MeterReadings(params string[] instruments)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Muxado.Fast" && (instruments.Length == 0 || instruments.Contains(instrument.Name)))
            {
                Instruments[instrument.Name] = instrument;
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();

        // Sessions of earlier tests may be ending just now: what they still count is not this test's.
        SpinWait.SpinUntil(() => Observe().Where(reading => reading.Key.StartsWith("muxado.active_sessions", StringComparison.Ordinal)).Sum(reading => reading.Value) == 0, TimeSpan.FromSeconds(2));
        _before = Observe();
    }

    public ConcurrentDictionary<string, Instrument> Instruments { get; } = new();

    /// <summary>Every value that was recorded one by one.</summary>
    public IReadOnlyCollection<(string Name, double Value)> Recorded => _recorded;

    /// <summary>By how much an observed number has changed since this began to listen.</summary>
    public double Change(string name) => Observe().GetValueOrDefault(name) - _before.GetValueOrDefault(name);

    /// <summary>Every observed number that has changed, and by how much.</summary>
    public Dictionary<string, double> Changes(string instrument) => Observe()
        .Where(reading => reading.Key.StartsWith(instrument + " ", StringComparison.Ordinal))
        .Select(reading => (reading.Key, Value: reading.Value - _before.GetValueOrDefault(reading.Key)))
        .Where(reading => reading.Value != 0)
        .ToDictionary(reading => reading.Key[(instrument.Length + 1)..], reading => reading.Value);

    public void Dispose() => _listener.Dispose();

    private Dictionary<string, double> Observe()
    {
        _observed = [];
        _listener.RecordObservableInstruments();
        var observed = _observed;
        _observed = null;
        return observed;
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = $"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))}";
        if (!instrument.IsObservable)
            _recorded.Enqueue((name, value));
        else if (!_observed!.TryAdd(name, value))
            throw new InvalidOperationException($"{name} was reported twice in one reading.");
    }
}
