using System.CommandLine;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Muxado.Fast.Bench.Echo;

namespace Muxado.Fast.Bench.Cli;

/// <summary><c>serve</c>: an echo server for any number of sessions.</summary>
internal static class ServeCommand
{
    private static readonly TimeSpan s_drainTime = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var listen = HostPort.Option("--listen", "Where to listen; port 0 picks a free one.", leastPort: 0);
        var tls = new Option<bool>("--tls") { Description = "Speak TLS, with a throw-away certificate that is made in memory." };
        var trace = new Option<bool>("--trace") { Description = "Print every frame on stderr, one line each; docs/diagnostics.md explains the lines." };
        var traceFile = new Option<string?>("--trace-file") { Description = "Record every frame in a pcapng file, for Wireshark with docs/muxado.lua.", HelpName = "FILE" };
        var command = new BenchCommand("serve", "Accepts any number of sessions and echoes every stream, byte for byte, until its FIN.", """
            Prints one line on stdout when ready, "listening on HOST:PORT" with the real port; everything else goes to
            stderr. SIGINT and SIGTERM let live streams finish for at most 5 s, then the exit code is 0.

            Examples:
              serve --listen 127.0.0.1:0
              serve --listen [::1]:7000 --tls
              serve --listen 127.0.0.1:7000 --trace --trace-file echo.pcapng
            """) { listen, tls, trace, traceFile };
        command.SetAction(async parsed =>
        {
            using var stop = new StopSignal();
            using var tracing = Trace.Begin(parsed.GetValue(trace), parsed.GetValue(traceFile));
            return await RunAsync(parsed.GetValue(listen), parsed.GetValue(tls), tracing, stop.Token);
        });
        return command;
    }

    private static async Task<int> RunAsync(HostPort listen, bool tls, Trace trace, CancellationToken stop)
    {
        await using var listener = await ListenAsync(listen, tls, trace, stop);
        var sessions = new EchoSessions();
        var port = ((IPEndPoint)listener.LocalEndPoint).Port;
        await Console.Out.WriteLineAsync($"listening on {listen with { Port = port }}");
        await Console.Out.FlushAsync(CancellationToken.None);
        try
        {
            while (true)
                sessions.Add(await listener.AcceptSessionAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"draining {sessions.Count} session(s) for at most {s_drainTime.TotalSeconds:0} s");
        }

        await listener.DisposeAsync();
        await sessions.DrainAsync(s_drainTime);
        return ExitCode.Ok;
    }

    private static async Task<MuxadoListener> ListenAsync(HostPort listen, bool tls, Trace trace, CancellationToken stop)
    {
        try
        {
            return await MuxadoListener.ListenAsync(
                new MuxadoListenerOptions
                {
                    ListenEndPoint = await listen.ResolveAsync(stop),
                    Tls = tls ? new SslServerAuthenticationOptions { ServerCertificate = ThrowAwayCertificate.Create() } : null,
                    SessionOptions = new MuxadoSessionOptions { FrameTap = trace.Tap },
                },
                stop);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            throw new CommandFailedException($"cannot listen on {listen}: {failure.Message}", failure);
        }
    }
}
