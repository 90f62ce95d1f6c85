namespace Muxado.Fast.Bench.Fuzz;

/// <summary>A session of one role, with an application that is in the middle of all sorts of things when the peer's bytes come.</summary>
internal sealed class SessionTarget(string name, bool isClient) : FuzzTarget(name)
{
    protected override void Run(byte seed, byte[] bytes)
    {
        // A test runner's context would take continuations to other threads.
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            new SessionRun(isClient, seed, bytes).Run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }
}
