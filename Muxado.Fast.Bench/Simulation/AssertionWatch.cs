using System.Diagnostics;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>Reports the engine's failed assertions (in DEBUG), also those that are thrown where somebody catches everything.</summary>
internal sealed class AssertionWatch : TraceListener
{
    private readonly Action<string> _report;

    public AssertionWatch(Action<string> report)
    {
        _report = report;
        System.Diagnostics.Trace.Listeners.Insert(0, this);
    }

    public override void Fail(string? message, string? detailMessage) =>
        _report($"an assertion failed: {message} {detailMessage}{Environment.NewLine}{new StackTrace(fNeedFileInfo: true)}");

    public override void Write(string? message)
    {
    }

    public override void WriteLine(string? message)
    {
    }

    protected override void Dispose(bool disposing)
    {
        System.Diagnostics.Trace.Listeners.Remove(this);
        base.Dispose(disposing);
    }
}
