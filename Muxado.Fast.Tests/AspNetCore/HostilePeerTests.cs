using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Muxado.Fast.AspNetCore;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>A peer with a mind of its own before Kestrel: nothing it does may be an error in the host's log, or last.</summary>
[CancelAfter(30_000)]
public sealed class HostilePeerTests
{
    private const string Http1Request = "GET / HTTP/1.1\r\nHost: app\r\n\r\n";
    private const string Http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0";

    [Test]
    public async Task A_request_on_a_stream_that_the_peer_does_not_read_is_a_lost_connection([Values(HttpProtocols.Http1, HttpProtocols.Http2)] HttpProtocols protocols)
    {
        var (socket, peer) = await RawPeer.ConnectAsync(sessionIsClient: false);
        using var end = peer;
        await using var session = MuxadoSession.CreateServer(socket, new MuxadoSessionOptions { HeartbeatInterval = Timeout.InfiniteTimeSpan });
        await using var served = await ServedApplication.StartAsync(application => application.MapGet("/", () => "hello"), protocols);
        _ = served.EndPoint.ServeAsync(session);

        await peer.SendAsync(Frames.SynWithFin(3), Frames.Data(3, protocols == HttpProtocols.Http1 ? Http1Request : Http2Preface));
        if (protocols == HttpProtocols.Http2)
        {
            // Between requests Kestrel waits for the next one, for minutes, whatever became of what it wrote.
            await Timing.Until(() => session.GetSnapshot().Streams is [{ UnreadBytes: 0 }], "the preface is read");
            await peer.SendAsync(Frames.Fin(3));
        }

        await Timing.Until(() => served.Log.Events.Any(logged => logged.Text.EndsWith("closed.", StringComparison.Ordinal)), "the connection is closed");

        Assert.That(session.Completion.IsCompleted, Is.False);
        peer.Reset();
    }

    [Test]
    public async Task Aborting_a_connection_that_has_ended_is_harmless()
    {
        await using var pair = await SessionPair.ConnectAsync();
        var endPoint = new MuxadoEndPoint("raw");
        var ended = new TaskCompletionSource<ConnectionContext>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await ServedApplication.StartAsync(
            _ => { },
            configure: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(endPoint, listen => listen.Run(async connection =>
            {
                await connection.Transport.Input.CompleteAsync();
                await connection.Transport.Output.CompleteAsync();
                ended.SetResult(connection);
            }))));
        _ = endPoint.ServeAsync(pair.Server);
        await using var stream = pair.Client.OpenStream();
        Assert.That(await stream.ReadAsync(new byte[1]).Soon(), Is.Zero);

        var connection = await ended.Task.Soon();

        Assert.That(() => connection.Abort(new ConnectionAbortedException("too late")), Throws.Nothing);
    }
}
