using System.Diagnostics;

namespace Muxado.Fast.Bench.Fuzz;

/// <summary>Remembers the engine's failed assertions (DEBUG), which otherwise end the process, and throws them: somebody may catch that.</summary>
internal sealed class AssertionTrap : TraceListener
{
    private string? _failure;

    public AssertionTrap()
    {
        Trace.Listeners.Insert(0, this);
    }

    public override void Fail(string? message, string? detailMessage)
    {
        _failure ??= $"an assertion failed: {message} {detailMessage}{Environment.NewLine}{new StackTrace(fNeedFileInfo: true)}";
        throw new FuzzFailureException(_failure);
    }

    public void Check() => FuzzFailureException.Require(_failure is null, _failure ?? "");

    public override void Write(string? message)
    {
    }

    public override void WriteLine(string? message)
    {
    }

    protected override void Dispose(bool disposing)
    {
        Trace.Listeners.Remove(this);
        base.Dispose(disposing);
    }
}
