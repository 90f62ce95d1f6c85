using System.Diagnostics;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Cli;

/// <summary>The benchmark program as a child process, built beside these tests. Disposing it kills it if it still runs.</summary>
internal sealed partial class BenchProcess : IAsyncDisposable
{
    private const int Sigterm = 15;

    private static readonly Dictionary<string, string> s_asItIs = [];

    private readonly Process _process;
    private readonly Task<string> _errors;

    private BenchProcess(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [ProgramPath(), .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public static BenchProcess Start(params string[] arguments) => new(s_asItIs, arguments);

    /// <summary>Starts it with more in its environment.</summary>
    public static BenchProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) => new(environment, arguments);

    public static async Task<Outcome> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        await using var process = Start(arguments);
        return await process.WaitAsync(cancellationToken);
    }

    /// <summary>Starts an echo server and waits until it is ready.</summary>
    public static Task<(BenchProcess Process, int Port)> ServeAsync(int port, bool tls, CancellationToken cancellationToken) =>
        ServeAsync(cancellationToken, ["--listen", $"127.0.0.1:{port}", .. tls ? new[] { "--tls" } : []]);

    /// <summary>The same with options of the test's own.</summary>
    public static Task<(BenchProcess Process, int Port)> ServeAsync(CancellationToken cancellationToken, params string[] options) =>
        ServeAsync(s_asItIs, cancellationToken, options);

    /// <summary>The same with more in its environment.</summary>
    public static async Task<(BenchProcess Process, int Port)> ServeAsync(
        IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken, params string[] options)
    {
        var process = Start(environment, ["serve", .. options]);
        const string prefix = "listening on 127.0.0.1:";
        var line = await process.ReadLineAsync(cancellationToken);
        if (line?.StartsWith(prefix, StringComparison.Ordinal) == true)
            return (process, int.Parse(line.AsSpan(prefix.Length), CultureInfo.InvariantCulture));
        var outcome = await process.WaitAsync(cancellationToken);
        throw new AssertionException($"the server said '{line}' and then {outcome}");
    }

    /// <summary>How much of its memory is in memory, as the system sees it from outside.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken);

    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Waits until some client is connected to the port and the server has taken it over from the system.</summary>
    public static async Task WaitForClientAsync(int port, CancellationToken cancellationToken)
    {
        while (!IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections().Any(
            connection => connection.LocalEndPoint.Port == port && connection.State == TcpState.Established))
        {
            await Task.Delay(10, cancellationToken);
        }

        // Connections are taken over in order: once a later one has been served, so is the first.
        var probe = await RunAsync(cancellationToken, "load", "--connect", $"127.0.0.1:{port}", "--count", "1");
        Assert.That(probe.ExitCode, Is.Zero, probe.ToString());
    }

    public async Task<Outcome> WaitAsync(CancellationToken cancellationToken)
    {
        var output = await _process.StandardOutput.ReadToEndAsync(cancellationToken);
        await _process.WaitForExitAsync(cancellationToken);
        return new Outcome(_process.ExitCode, output, await _errors.WaitAsync(cancellationToken));
    }

    /// <summary>Asks it to end, as an init system does.</summary>
    public void Terminate() => Assert.That(SendSignal(_process.Id, Sigterm), Is.Zero, "SIGTERM could not be sent");

    /// <summary>Ends it without asking.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }

    // Muxado.Fast.Tests/bin/Release/net10.0/ -> Muxado.Fast.Bench/bin/Release/net10.0/
    public static string ProgramPath()
    {
        var framework = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        var configuration = framework.Parent!;
        var root = configuration.Parent!.Parent!.Parent!;
        return Path.Combine(root.FullName, "Muxado.Fast.Bench", "bin", configuration.Name, framework.Name, "Muxado.Fast.Bench.dll");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int processId, int signal);

    internal sealed record Outcome(int ExitCode, string Output, string Errors);
}
