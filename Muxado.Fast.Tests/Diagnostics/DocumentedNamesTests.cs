using System.Diagnostics.Tracing;
using System.Reflection;
using Muxado.Fast.Diagnostics;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>docs/diagnostics.md names what there is.</summary>
public sealed class DocumentedNamesTests
{
    private static readonly string s_page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "diagnostics.md"));

    [Test]
    public void Every_instrument_is_in_the_table_with_its_unit()
    {
        SessionMeter.Publish();
        using var meter = new MeterReadings();

        Assert.That(meter.Instruments, Is.Not.Empty);
        foreach (var instrument in meter.Instruments.Values)
            Assert.That(s_page, Does.Match($@"\| `{instrument.Name}` \| [^|]+ \| `?{instrument.Unit}`? \|"));
    }

    [Test]
    public void Every_event_is_in_the_table_with_its_number()
    {
        var events = typeof(MuxadoEventSource).GetMethods().Select(method => (method.Name, method.GetCustomAttribute<EventAttribute>()?.EventId)).Where(one => one.EventId is not null).ToList();

        Assert.That(events, Is.Not.Empty);
        foreach (var (name, id) in events)
            Assert.That(s_page, Does.Contain($"| {id} | {name} |"));
    }
}
