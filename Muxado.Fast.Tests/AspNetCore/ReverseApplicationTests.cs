using System.Net;
using Microsoft.AspNetCore.Builder;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>
/// muxado's own example: a client dials a server, asks it over one stream which application it wants, and then serves that application to the
/// server over the same connection.
/// </summary>
[CancelAfter(30_000)]
public sealed class ReverseApplicationTests
{
    [Test]
    public async Task A_client_asks_which_application_is_wanted_and_serves_it_over_the_connection_that_it_dialled()
    {
        // The server knows HTTP clients only by the sessions that they dialled.
        await using var server = await ServedApplication.StartAsync(application => application.MapGet("/wanted", () => "weather"));
        await using var listener = await MuxadoListener.ListenAsync(new()
        {
            ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0),
            Tls = TestCertificate.ServerOptions,
        });
        var accepting = listener.AcceptSessionAsync();

        var tls = TestCertificate.ClientOptions;
        tls.TargetHost = "localhost";
        await using var dialled = await MuxadoSession.ConnectAsync(new() { RemoteEndPoint = listener.LocalEndPoint, Tls = tls });
        await using var accepted = await accepting.Soon();
        var answering = server.EndPoint.ServeAsync(accepted);

        // The client: asks, and becomes a server itself.
        using var asking = dialled.CreateHttpClient();
        var wanted = await asking.GetStringAsync("http://server/wanted").Soon();
        await using var application = await ServedApplication.StartAsync(Applications[wanted]);
        var serving = application.EndPoint.ServeAsync(dialled);

        // The server uses what it asked for.
        using var using1 = accepted.CreateHttpClient();
        Assert.That(await using1.GetStringAsync("http://client/forecast/3").Soon(), Is.EqualTo("day 3: sun"));
        Assert.That((await using1.GetAsync("http://client/wanted").Soon()).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        // And the client may go on asking.
        Assert.That(await asking.GetStringAsync("http://server/wanted").Soon(), Is.EqualTo("weather"));

        await dialled.CloseAsync().Soon();
        await Task.WhenAll(answering, serving).Soon();
    }

    private static Dictionary<string, Action<WebApplication>> Applications { get; } = new()
    {
        ["weather"] = application => application.MapGet("/forecast/{day:int}", (int day) => $"day {day}: sun"),
        ["time"] = application => application.MapGet("/now", () => "noon"),
    };
}
