using System.Diagnostics;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>Reports the engine's failed assertions (in DEBUG) to the run of their thread, also those that are thrown where somebody catches everything.</summary>
internal sealed class AssertionWatch : TraceListener
{
    [ThreadStatic]
    private static Action<string>? t_report;

    static AssertionWatch() => System.Diagnostics.Trace.Listeners.Insert(0, new AssertionWatch());

    private AssertionWatch()
    {
    }

    /// <summary>Reports what fails on this thread from now on; null: nobody wants to know.</summary>
    public static void ReportTo(Action<string>? report) => t_report = report;

    public override void Fail(string? message, string? detailMessage) =>
        t_report?.Invoke($"an assertion failed: {message} {detailMessage}{Environment.NewLine}{new StackTrace(fNeedFileInfo: true)}");

    public override void Write(string? message)
    {
    }

    public override void WriteLine(string? message)
    {
    }
}
