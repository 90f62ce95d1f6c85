using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pooling;

[CancelAfter(30_000)]
public sealed class PoolHttpTests
{
    [Test]
    public async Task An_http_client_goes_on_over_a_pool_whose_sessions_go_away([Values(TransportKind.Memory, TransportKind.Tcp)] TransportKind kind)
    {
        await using var server = new PoolServer(kind, echoes: false);
        var answering = new List<Task>();
        await using (var pool = new MuxadoSessionPool(
            async token =>
            {
                var session = await server.DialAsync(token);
                answering.Add(PlainHttp.ServeAsync(server.Pairs[^1].Server));
                return session;
            },
            new() { InitialBackoff = TimeSpan.FromMilliseconds(5) }))
        {
            using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = pool.ConnectHttpAsync, UseProxy = false });
            for (var round = 0; round < 4; round++)
            {
                var bodies = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.GetStringAsync($"http://muxado/{i}"))).Soon();
                Assert.That(bodies, Is.EqualTo(Enumerable.Range(0, 20).Select(i => $"you asked for /{i}")));
                var newest = server.Pairs[^1];
                await newest.Server.GoAwayAsync().Soon();
                await newest.Client.GoingAway.Soon(); // A request that crosses with the GOAWAY fails, safe to retry; HttpClient does not.
            }

            Assert.That(server.Dials, Is.GreaterThanOrEqualTo(4));
        }

        await Task.WhenAll(answering).Soon();
    }

    [Test]
    public async Task A_request_that_is_given_up_while_nothing_can_be_dialled_ends_at_once()
    {
        await using var server = new PoolServer { OnDial = (_, _) => Task.FromException(new IOException("nobody is there")) };
        await using var pool = new MuxadoSessionPool(server.DialAsync);
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = pool.ConnectHttpAsync, UseProxy = false });
        using var cancellation = new CancellationTokenSource();
        var request = client.GetStringAsync("http://muxado/", cancellation.Token);
        await Timing.Until(() => pool.State.WaitingOpens == 1, "the request waits for a session");

        await cancellation.CancelAsync();

        await Fails.With<OperationCanceledException>(request);
    }
}
