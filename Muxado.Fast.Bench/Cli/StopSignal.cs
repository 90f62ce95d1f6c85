using System.Runtime.InteropServices;

namespace Muxado.Fast.Bench.Cli;

/// <summary>SIGINT and SIGTERM as a token, from the moment that it is created.</summary>
/// <remarks>
/// System.CommandLine listens for the signals only once a command has first awaited: too late for one that says that it is
/// ready before that. And it holds other listeners up meanwhile, so there is only one or the other.
/// </remarks>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public StopSignal()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    }

    public CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _stop.Cancel();
    }
}
