using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Muxado.Fast.AspNetCore;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>An end point and the sessions that it serves: attached, detached, ended, stopped.</summary>
[CancelAfter(30_000)]
public sealed class ServingTests
{
    [Test]
    public async Task Several_sessions_are_served_beside_an_ordinary_tcp_endpoint()
    {
        await using var served = await ServedApplication.StartAsync(MapHello, alsoTcp: true);
        await using var first = await SessionPair.ConnectAsync(TransportKind.Tcp);
        await using var second = await SessionPair.ConnectAsync(TransportKind.Tls);
        await using var third = await SessionPair.ConnectAsync(TransportKind.Memory);

        // Whoever dialled serves, whoever was dialled serves: it makes no difference.
        var serving = new[] { served.EndPoint.ServeAsync(first.Client), served.EndPoint.ServeAsync(second.Server), served.EndPoint.ServeAsync(third.Server) };
        using var tcp = new HttpClient();
        using var overFirst = first.Server.CreateHttpClient();
        using var overSecond = second.Client.CreateHttpClient();
        using var overThird = third.Client.CreateHttpClient();

        Assert.That(await tcp.GetStringAsync(new Uri(served.TcpAddress, "/hello")).Soon(), Is.EqualTo("hello"));
        foreach (var client in new[] { overFirst, overSecond, overThird })
            Assert.That(await client.GetStringAsync("http://app/hello").Soon(), Is.EqualTo("hello"));
        Assert.That(served.Addresses, Has.Member("http://muxado/test"));

        foreach (var pair in new[] { first, second, third })
            await pair.DisposeAsync();
        await Task.WhenAll(serving).Soon();
    }

    [Test]
    public async Task A_session_that_is_attached_before_the_host_has_started_is_served_from_then_on()
    {
        await using var pair = await SessionPair.ConnectAsync();
        await using var served = ServedApplication.Create(MapHello);
        using var client = pair.Client.CreateHttpClient();
        var serving = served.EndPoint.ServeAsync(pair.Server);
        var early = client.GetStringAsync("http://app/hello");
        await Timing.StaysPending(Task.WhenAny(early, serving), "a request to a host that has not started");

        await served.Application.StartAsync().Soon();

        Assert.That(await early.Soon(), Is.EqualTo("hello"));
    }

    [Test]
    public async Task Waiting_for_a_host_ends_with_the_session_and_with_the_token()
    {
        var endPoint = new MuxadoEndPoint();
        var pair = await SessionPair.ConnectAsync();
        using var cancellation = new CancellationTokenSource();
        var cancelled = endPoint.ServeAsync(pair.Server, cancellation.Token);
        var abandoned = endPoint.ServeAsync(pair.Server);

        await cancellation.CancelAsync();
        await Fails.With<OperationCanceledException>(cancelled);
        await pair.DisposeAsync();
        await abandoned.Soon();
    }

    [Test]
    public async Task Cancelling_detaches_a_session_and_harms_neither_it_nor_its_connections()
    {
        await using var served = await ServedApplication.StartAsync(MapHello);
        await using var pair = await SessionPair.ConnectAsync();
        using var client = pair.Client.CreateHttpClient();
        using var cancellation = new CancellationTokenSource();
        var serving = served.EndPoint.ServeAsync(pair.Server, cancellation.Token);
        Assert.That(await client.GetStringAsync("http://app/hello").Soon(), Is.EqualTo("hello"));

        await cancellation.CancelAsync();
        await Fails.With<OperationCanceledException>(serving);

        // On the connection that is there already.
        Assert.That(await client.GetStringAsync("http://app/hello").Soon(), Is.EqualTo("hello"));
        // A stream from now on is for whoever accepts.
        await pair.OpenAsync();
        // And the end point may have the session back.
        serving = served.EndPoint.ServeAsync(pair.Server);
        using var another = pair.Client.CreateHttpClient();
        Assert.That(await another.GetStringAsync("http://app/hello").Soon(), Is.EqualTo("hello"));
    }

    [Test]
    public async Task Stopping_the_host_ends_the_serving_and_leaves_the_session_to_its_owner()
    {
        await using var served = await ServedApplication.StartAsync(MapHello);
        await using var pair = await SessionPair.ConnectAsync();
        using var client = pair.Client.CreateHttpClient();
        var serving = served.EndPoint.ServeAsync(pair.Server);
        Assert.That(await client.GetStringAsync("http://app/hello").Soon(), Is.EqualTo("hello"));

        await served.StopAsync();

        await serving.Soon();
        Assert.That(pair.Server.Completion.IsCompleted, Is.False);
        var (opened, accepted) = await pair.OpenAsync();
        await opened.WriteAsync(Pattern.Bytes(10)).Soon();
        await Pattern.VerifyAsync(accepted, 10);
    }

    [Test]
    public async Task A_stopped_end_point_serves_no_more_and_cannot_be_listened_on_again()
    {
        await using var served = await ServedApplication.StartAsync(MapHello);
        await served.StopAsync();
        await using var pair = await SessionPair.ConnectAsync();

        var serving = await Fails.With<InvalidOperationException>(() => served.EndPoint.ServeAsync(pair.Server));
        var binding = await Fails.With<InvalidOperationException>(() => Bind(served.EndPoint));

        Assert.That(serving.Message, Does.Contain("muxado/test").And.Contain("stopped"));
        Assert.That(binding.Message, Does.Contain("muxado/test").And.Contain("stopped"));
    }

    [Test]
    public async Task An_end_point_has_one_listener()
    {
        await using var served = await ServedApplication.StartAsync(MapHello);

        var failure = await Fails.With<InvalidOperationException>(() => Bind(served.EndPoint));

        Assert.That(failure.Message, Does.Contain("already"));
    }

    [Test]
    public async Task An_end_point_whose_host_could_not_start_is_free_for_the_next()
    {
        var endPoint = new MuxadoEndPoint();

        await Fails.With<OptionsValidationException>(() => Bind(
            endPoint, services => services.AddOptions<MuxadoTransportOptions>().Validate(_ => false, "is never right")));

        await Bind(endPoint);
    }

    [Test]
    public async Task The_transport_binds_nothing_but_its_own_end_points()
    {
        await using var served = await ServedApplication.StartAsync(MapHello);
        var factory = served.Application.Services.GetServices<IConnectionListenerFactory>().OfType<MuxadoTransportFactory>().Single();

        Assert.That(factory.CanBind(new MuxadoEndPoint()), Is.True);
        Assert.That(factory.CanBind(new IPEndPoint(IPAddress.Loopback, 0)), Is.False);
        await Fails.With<ArgumentException>(() => factory.BindAsync(new IPEndPoint(IPAddress.Loopback, 0)).AsTask());
    }

    [Test]
    public async Task The_order_of_registration_does_not_matter()
    {
        var endPoint = new MuxadoEndPoint();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseMuxado(endPoint).UseMuxado().UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        await using var application = builder.Build();

        await application.StartAsync().Soon();

        Assert.That(application.Urls, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_request_sees_its_stream_and_its_session([Values(HttpProtocols.Http1, HttpProtocols.Http2)] HttpProtocols protocols)
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        await using var served = await ServedApplication.StartAsync(MapStream, protocols);
        using var client = protocols == HttpProtocols.Http2 ? pair.Client.CreateHttp2Client() : pair.Client.CreateHttpClient();
        _ = served.EndPoint.ServeAsync(pair.Server);

        var answer = await client.GetStringAsync("http://app/stream").Soon();

        Assert.That(answer, Does.Match($@"^test-1-(\d+) stream \1 {pair.Server.RemoteEndPoint} {pair.Server.LocalEndPoint}$"));

        void MapStream(WebApplication application) => application.MapGet("/stream", (HttpContext context) =>
        {
            var feature = context.Features.Get<IMuxadoStreamFeature>()!;
            Assert.That(feature.Session, Is.SameAs(pair.Server));
            Assert.That(feature.Stream.Session, Is.SameAs(pair.Server));
            var connection = context.Connection;
            return $"{connection.Id} stream {feature.Stream.Id} {connection.RemoteIpAddress}:{connection.RemotePort} {connection.LocalIpAddress}:{connection.LocalPort}";
        });
    }

    private static void MapHello(WebApplication application) => application.MapGet("/hello", () => "hello");

    private static async Task Bind(MuxadoEndPoint endPoint, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        configure?.Invoke(builder.Services);
        builder.WebHost.UseMuxado(endPoint);
        await using var application = builder.Build();
        await application.StartAsync();
    }
}
