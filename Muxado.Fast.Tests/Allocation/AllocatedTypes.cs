using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Muxado.Fast.Tests.Allocation;

/// <summary>Samples which types the process allocates while it lives: the runtime names one about every 100 KB, and its thread.</summary>
internal sealed class AllocatedTypes : EventListener
{
    private const string RuntimeSource = "Microsoft-Windows-DotNETRuntime";
    private const EventKeywords GarbageCollection = (EventKeywords)1;

    private readonly ConcurrentDictionary<string, int> _samples = new();

    /// <summary>The types, most sampled first.</summary>
    public override string ToString() =>
        string.Join(", ", _samples.OrderByDescending(sample => sample.Value).Take(12).Select(sample => $"{sample.Value} x {sample.Key}"));

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == RuntimeSource)
            EnableEvents(eventSource, EventLevel.Verbose, GarbageCollection);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventName?.StartsWith("GCAllocationTick", StringComparison.Ordinal) == true
            && eventData.PayloadNames?.IndexOf("TypeName") is >= 0 and var type)
        {
            _samples.AddOrUpdate($"{eventData.Payload![type]} (thread {eventData.OSThreadId})", 1, (_, count) => count + 1);
        }
    }
}
