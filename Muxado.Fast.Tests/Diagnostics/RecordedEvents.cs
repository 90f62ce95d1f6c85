using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>Listens to the event source, and keeps each event as a line: its name and its arguments.</summary>
internal sealed class RecordedEvents : EventListener
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly EventKeywords _keywords;

    public RecordedEvents(int keywords)
    {
        _keywords = (EventKeywords)keywords;
        foreach (var source in EventSource.GetSources().Where(source => source.Name == "Muxado-Fast"))
            EnableEvents(source, EventLevel.Verbose, _keywords);
    }

    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>The events of one session, without its number.</summary>
    public IEnumerable<string> Of(MuxadoSession session) =>
        _lines.Select(line => line.Split('|', 3)).Where(parts => parts[1] == $"{session.GetSnapshot().SessionNumber}").Select(parts => $"{parts[0]}|{parts[2]}");

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        // Called by the base constructor too, before there are any keywords: then the constructor enables.
        if (eventSource.Name == "Muxado-Fast" && _keywords != 0)
            EnableEvents(eventSource, EventLevel.Verbose, _keywords);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
        _lines.Enqueue($"{eventData.EventName}|{string.Join('|', eventData.Payload!)}");
}
