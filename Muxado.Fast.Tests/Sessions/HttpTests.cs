using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class HttpTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task An_http_client_speaks_over_streams_of_the_session()
    {
        using var client = CreateHttpClient();
        var serving = PlainHttp.ServeAsync(Pair.Server);

        var bodies = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.GetStringAsync($"http://muxado/{i}"))).Soon();

        Assert.That(bodies, Is.EqualTo(Enumerable.Range(0, 20).Select(i => $"you asked for /{i}")));
        await Pair.Client.CloseAsync().Soon();
        await serving.Soon();
    }

    [Test]
    public async Task A_request_that_is_given_up_ends_at_once_and_leaves_the_session_in_order()
    {
        using var client = CreateHttpClient();
        using var cancellation = new CancellationTokenSource();
        var unanswered = client.GetStringAsync("http://muxado/slow", cancellation.Token);
        await using (var accepted = await Pair.Server.AcceptStreamAsync().Soon())
        {
            await accepted.ReadAsync(Memory<byte>.Empty).Soon();
            await cancellation.CancelAsync();
            await Fails.With<OperationCanceledException>(unanswered.WaitAsync(TimeSpan.FromSeconds(2)));
        }

        var serving = PlainHttp.ServeAsync(Pair.Server);
        Assert.That(await client.GetStringAsync("http://muxado/next").Soon(), Is.EqualTo("you asked for /next"));
        await Pair.Client.CloseAsync().Soon();
        await serving.Soon();
    }

    private HttpClient CreateHttpClient() => new(new SocketsHttpHandler { ConnectCallback = Pair.Client.ConnectHttpAsync, UseProxy = false });
}
