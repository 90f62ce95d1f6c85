namespace Muxado.Fast.Bench.Soak;

/// <summary>What a loop that works on one stream after the other has for its own.</summary>
/// <remarks>
/// Owner: one loop. The stream's reads and writes may run beside each other, each with its own memory and watch.
/// Reuse: the memory is the next operation's as soon as one has ended, however it ended: an engine that still touched it would be noticed.
/// </remarks>
internal sealed class Worker(SoakContext context) : IDisposable
{
    public SoakContext Context => context;

    public byte[] ReadMemory { get; } = new byte[20_000];

    public byte[] WriteMemory { get; } = new byte[SharedFlow.MaxWriteBytes];

    public Watchdog.Watch Reads { get; } = context.Watchdog.Add();

    public Watchdog.Watch Writes { get; } = context.Watchdog.Add();

    public void Dispose()
    {
        Reads.Dispose();
        Writes.Dispose();
    }
}
