using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>Many requests at once, and what becomes of them when their session dies.</summary>
[CancelAfter(60_000)]
public sealed class LoadTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Test]
    public async Task A_thousand_requests_are_answered_at_once([Values(HttpProtocols.Http1, HttpProtocols.Http2)] HttpProtocols protocols)
    {
        const int count = 1_000;
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        var allArrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        await using var served = await ServedApplication.StartAsync(
            application => application.MapGet("/{i:int}", async (int i) =>
            {
                if (Interlocked.Increment(ref arrived) == count)
                    allArrived.SetResult();
                await allArrived.Task; // Nobody is answered until everybody has asked.
                return $"{i}";
            }),
            protocols);
        _ = served.EndPoint.ServeAsync(pair.Server);
        using var handler = pair.Client.CreateHttpHandler();
        handler.EnableMultipleHttp2Connections = true;
        using var client = new HttpClient(handler) { DefaultRequestVersion = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11 };
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        var answers = await Task.WhenAll(Enumerable.Range(0, count).Select(i => client.GetStringAsync($"http://app/{i}"))).WaitAsync(s_patience);

        Assert.That(answers, Is.EqualTo(Enumerable.Range(0, count).Select(i => $"{i}")));
    }

    [TestCase(HttpProtocols.Http1, true)]
    [TestCase(HttpProtocols.Http1, false)]
    [TestCase(HttpProtocols.Http2, true)]
    [TestCase(HttpProtocols.Http2, false)]
    public async Task A_session_that_dies_under_load_fails_its_requests_cleanly_and_the_next_one_serves(HttpProtocols protocols, bool serverDies)
    {
        await using var served = await ServedApplication.StartAsync(application => application.MapGet("/{i:int}", (int i) => $"{i}"), protocols);
        var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        var serving = served.EndPoint.ServeAsync(pair.Server);
        using var client = CreateClient(pair.Client);
        var failures = new ConcurrentBag<HttpRequestException>();
        var answered = 0;
        var warm = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asking = Task.WhenAll(Enumerable.Range(0, 64).Select(_ => AskUntilItFailsAsync()));
        await warm.Task.WaitAsync(s_patience);

        (serverDies ? pair.Server : pair.Client).Abort();

        // Everybody fails, nobody hangs, and each failure says what happened to the session.
        await asking.WaitAsync(s_patience);
        await serving.Soon();
        Assert.That(failures, Has.Count.EqualTo(64));
        Assert.That(failures.Where(failure => !Causes(failure).OfType<MuxadoException>().Any()), Is.Empty);
        await Fails.With<HttpRequestException>(client.GetStringAsync("http://app/0"));
        await pair.DisposeAsync();

        await using var next = await SessionPair.ConnectAsync(TransportKind.Tcp);
        _ = served.EndPoint.ServeAsync(next.Server);
        using var nextClient = CreateClient(next.Client);
        Assert.That(await nextClient.GetStringAsync("http://app/7").Soon(), Is.EqualTo("7"));

        HttpClient CreateClient(MuxadoSession session) => protocols == HttpProtocols.Http2 ? session.CreateHttp2Client() : session.CreateHttpClient();

        async Task AskUntilItFailsAsync()
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    Assert.That(await client.GetStringAsync($"http://app/{i}"), Is.EqualTo($"{i}"));
                    if (Interlocked.Increment(ref answered) == 1_000)
                        warm.SetResult();
                }
            }
            catch (HttpRequestException failure)
            {
                failures.Add(failure);
            }
        }
    }

    private static IEnumerable<Exception> Causes(Exception failure)
    {
        for (var cause = failure.InnerException; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
