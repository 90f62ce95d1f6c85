using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>gRPC over streams, with the libraries that everybody uses.</summary>
[CancelAfter(30_000)]
public sealed class GrpcTests
{
    private SessionPair _pair = null!;
    private ServedApplication _served = null!;

    [SetUp]
    public async Task Serve()
    {
        _pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        _served = await ServedApplication.StartAsync(
            application => application.MapGrpcService<GreeterService>(),
            HttpProtocols.Http2,
            configure: builder => builder.Services.AddGrpc());
    }

    [TearDown]
    public async Task Close()
    {
        await _pair.DisposeAsync();
        await _served.DisposeAsync();
    }

    [Test]
    public async Task Unary_calls_run_in_both_directions_at_once()
    {
        _ = _served.EndPoint.ServeAsync(_pair.Server);
        _ = _served.EndPoint.ServeAsync(_pair.Client);
        using var towardsServer = CreateChannel(_pair.Client);
        using var towardsClient = CreateChannel(_pair.Server);
        var clients = new[] { new Greeter.GreeterClient(towardsServer), new Greeter.GreeterClient(towardsClient) };

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => clients[i % 2].GreetAsync(new Greeting { Text = $"{i}" }).ResponseAsync)).Soon();

        Assert.That(answers.Select(answer => answer.Text), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"hello, {i}")));
    }

    [Test]
    public async Task A_duplex_call_streams_both_ways()
    {
        _ = _served.EndPoint.ServeAsync(_pair.Server);
        using var channel = CreateChannel(_pair.Client);
        using var chat = new Greeter.GreeterClient(channel).Chat();

        for (var i = 0; i < 50; i++)
        {
            await chat.RequestStream.WriteAsync(new Greeting { Text = $"{i}" }).Soon();
            Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Soon(), Is.True);
            Assert.That(chat.ResponseStream.Current.Text, Is.EqualTo($"hello, {i}"));
        }

        await chat.RequestStream.CompleteAsync().Soon();
        Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Soon(), Is.False);
        // The status is a trailer.
        Assert.That(chat.GetStatus().StatusCode, Is.EqualTo(StatusCode.OK));
    }

    [Test]
    public async Task Losing_the_session_makes_a_call_unavailable()
    {
        _ = _served.EndPoint.ServeAsync(_pair.Server);
        using var channel = CreateChannel(_pair.Client);
        using var chat = new Greeter.GreeterClient(channel).Chat();
        await chat.RequestStream.WriteAsync(new Greeting { Text = "first" }).Soon();
        Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Soon(), Is.True);

        _pair.Server.Abort();

        var under = await Fails.With<RpcException>(chat.ResponseStream.MoveNext(CancellationToken.None));
        Assert.That(under.StatusCode, Is.EqualTo(StatusCode.Unavailable), under.Message);
        var after = await Fails.With<RpcException>(new Greeter.GreeterClient(channel).GreetAsync(new Greeting()).ResponseAsync);
        Assert.That(after.StatusCode, Is.EqualTo(StatusCode.Unavailable), after.Message);
    }

    [Test]
    public async Task A_channel_over_a_pool_goes_on_when_its_session_is_lost()
    {
        var dialled = new List<SessionPair>();
        var serving = new List<Task>();
        await using var pool = new MuxadoSessionPool(
            async _ =>
            {
                var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
                dialled.Add(pair);
                serving.Add(_served.EndPoint.ServeAsync(pair.Server, CancellationToken.None));
                return pair.Client;
            },
            new() { InitialBackoff = TimeSpan.FromMilliseconds(5) });
        using var channel = CreateChannel(new SocketsHttpHandler { ConnectCallback = pool.ConnectHttpAsync, UseProxy = false });
        using var chat = new Greeter.GreeterClient(channel).Chat();
        await chat.RequestStream.WriteAsync(new Greeting { Text = "first" }).Soon();
        Assert.That(await chat.ResponseStream.MoveNext(CancellationToken.None).Soon(), Is.True);

        dialled[0].Server.Abort();

        var lost = await Fails.With<RpcException>(chat.ResponseStream.MoveNext(CancellationToken.None));
        Assert.That(lost.StatusCode, Is.EqualTo(StatusCode.Unavailable), lost.Message);
        var answer = await new Greeter.GreeterClient(channel).GreetAsync(new Greeting { Text = "again" }).ResponseAsync.Soon();
        Assert.That(answer.Text, Is.EqualTo("hello, again"));
        Assert.That(dialled, Has.Count.EqualTo(2));

        // Before its sessions, or it would dial others for them.
        channel.Dispose();
        await pool.DisposeAsync().Soon();
        foreach (var pair in dialled)
            await pair.DisposeAsync();
        await Task.WhenAll(serving).Soon();
    }

    private static GrpcChannel CreateChannel(MuxadoSession session) => CreateChannel(session.CreateHttpHandler());

    private static GrpcChannel CreateChannel(SocketsHttpHandler handler) =>
        GrpcChannel.ForAddress("http://app", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });

    private sealed class GreeterService : Greeter.GreeterBase
    {
        public override Task<Greeting> Greet(Greeting request, ServerCallContext context) => Task.FromResult(new Greeting { Text = $"hello, {request.Text}" });

        public override async Task Chat(
            IAsyncStreamReader<Greeting> requestStream, IServerStreamWriter<Greeting> responseStream, ServerCallContext context)
        {
            await foreach (var greeting in requestStream.ReadAllAsync(context.CancellationToken))
                await responseStream.WriteAsync(new Greeting { Text = $"hello, {greeting.Text}" });
        }
    }
}
