using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Muxado.Fast.Bench.Cli;

namespace Muxado.Fast.Bench.Compare;

/// <summary><c>strace</c>, counting the system calls of all threads of a running process from start to end.</summary>
internal sealed partial class Strace : IAsyncDisposable
{
    private const int Sigint = 2;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Process _process;

    private Strace(Process process) => _process = process;

    /// <summary>Begins to count.</summary>
    /// <exception cref="CommandFailedException">It is not installed, or may not trace.</exception>
    public static async Task<Strace> AttachAsync(int processId, CancellationToken cancellationToken)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo("strace", ["-f", "-c", "-p", $"{processId}"]) { RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            throw new CommandFailedException("strace is not installed");
        }

        var strace = new Strace(process);
        var first = await process.StandardError.ReadLineAsync(cancellationToken).AsTask().WaitAsync(s_patience, cancellationToken);
        if (first?.Contains("attached", StringComparison.Ordinal) == true)
            return strace;
        await strace.DisposeAsync();
        throw new CommandFailedException($"strace says '{first}'");
    }

    /// <summary>Stops counting. Returns the calls by name.</summary>
    public async Task<IReadOnlyDictionary<string, long>> DetachAsync(CancellationToken cancellationToken)
    {
        _ = SendSignal(_process.Id, Sigint);
        var output = await _process.StandardError.ReadToEndAsync(cancellationToken).WaitAsync(s_patience, cancellationToken);
        return StraceSummary.Parse(output.Split('\n'));
    }

    // Killing it leaves the traced process running.
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);
}
