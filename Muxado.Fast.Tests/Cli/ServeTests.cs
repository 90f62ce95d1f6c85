using System.Net;
using System.Net.Sockets;
using Muxado.Fast.Tests.Diagnostics;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Cli;

/// <summary>How the echo server starts and ends.</summary>
[Platform(Exclude = "Win", Reason = "There is no SIGTERM to send.")]
public sealed class ServeTests
{
    [Test, CancelAfter(30_000)]
    public async Task A_terminated_server_has_printed_one_line_and_exits_with_0([Values] bool tls, CancellationToken cancellationToken)
    {
        var (server, port) = await BenchProcess.ServeAsync(0, tls, cancellationToken);
        await using var _ = server;
        server.Terminate();
        var outcome = await server.WaitAsync(cancellationToken);
        Assert.That(port, Is.Positive);
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
        Assert.That(outcome.Output, Is.Empty, "nothing may follow the first line on stdout");
    }

    [Test, CancelAfter(60_000)]
    public async Task A_draining_server_fails_no_operation(CancellationToken cancellationToken)
    {
        var (first, port) = await BenchProcess.ServeAsync(0, tls: false, cancellationToken);
        await using var _ = first;
        await using var load = BenchProcess.Start("load", "--connect", $"127.0.0.1:{port}", "--concurrency", "8", "--duration", "4", "--json");
        await BenchProcess.WaitForClientAsync(port, cancellationToken);
        first.Terminate();
        var drained = await first.WaitAsync(cancellationToken);
        Assert.That(drained.ExitCode, Is.Zero, drained.ToString());

        var (second, _) = await BenchProcess.ServeAsync(port, tls: false, cancellationToken);
        await using var __ = second;
        var outcome = await load.WaitAsync(cancellationToken);
        Assert.That(outcome.Output, Does.Contain("\"errors\":0,"), outcome.ToString());
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
    }

    [Test, CancelAfter(30_000)]
    public async Task A_client_that_never_ends_does_not_hold_up_the_drain(CancellationToken cancellationToken)
    {
        var (server, port) = await BenchProcess.ServeAsync(0, tls: false, cancellationToken);
        await using var _ = server;
        await using var session = await MuxadoSession.ConnectAsync(
            new MuxadoClientOptions { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, port) }, cancellationToken);
        await using var stream = session.OpenStream();
        await stream.WriteAsync("still here"u8.ToArray(), cancellationToken);
        await stream.ReadExactlyAsync(new byte["still here"u8.Length], cancellationToken);

        server.Terminate();
        var outcome = await server.WaitAsync(cancellationToken).WaitAsync(TimeSpan.FromSeconds(9), cancellationToken);
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
    }

    [Test, CancelAfter(60_000)]
    public async Task A_traced_server_prints_and_records_every_frame([Values] bool tls, CancellationToken cancellationToken)
    {
        var path = Path.GetTempFileName();
        try
        {
            string[] security = tls ? ["--tls"] : [];
            var (server, port) = await BenchProcess.ServeAsync(
                cancellationToken, ["--listen", "127.0.0.1:0", "--trace", "--trace-file", path, .. security]);
            await using var _ = server;
            var load = await BenchProcess.RunAsync(cancellationToken, ["load", "--connect", $"127.0.0.1:{port}", "--count", "3", .. security]);
            Assert.That(load.ExitCode, Is.Zero, load.ToString());
            server.Terminate();
            var outcome = await server.WaitAsync(cancellationToken);

            Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
            Assert.That(outcome.Output, Is.Empty, "nothing may follow the first line on stdout");
            var lines = outcome.Errors.Split('\n').Where(line => line.Contains(" #1 server ", StringComparison.Ordinal)).ToList();
            Assert.That(lines.Count(line => line.Contains("<- SYN", StringComparison.Ordinal)), Is.EqualTo(4), "three streams and the heartbeat");
            Assert.That(lines.Count(line => line.Contains("<- DATA", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(3));
            Assert.That(lines.Count(line => line.Contains("-> DATA", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(3));
            var file = PcapngFile.Parse(await File.ReadAllBytesAsync(path, cancellationToken));
            Assert.That(file.Interfaces.Single().Name, Is.EqualTo("session 1, server"));
            Assert.That(file.Packets, Has.Count.EqualTo(lines.Count));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task A_trace_that_cannot_be_written_is_a_clear_error(CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "trace.pcapng");
        var outcome = await BenchProcess.RunAsync(cancellationToken, "serve", "--listen", "127.0.0.1:0", "--trace-file", path);
        Assert.That(outcome.ExitCode, Is.EqualTo(1), outcome.ToString());
        Assert.That(outcome.Errors, Does.Contain($"cannot write {path}"));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_port_in_use_is_a_clear_error(CancellationToken cancellationToken)
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var port = ((IPEndPoint)holder.LocalEndpoint).Port;
        var outcome = await BenchProcess.RunAsync(cancellationToken, "serve", "--listen", $"127.0.0.1:{port}");
        Assert.That(outcome.ExitCode, Is.EqualTo(1), outcome.ToString());
        Assert.That(outcome.Errors, Does.Contain($"cannot listen on 127.0.0.1:{port}"));
        Assert.That(outcome.Output, Is.Empty);
    }
}
