using System.Net;
using System.Net.Sockets;
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
