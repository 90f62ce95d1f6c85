using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>A public front door in front of web applications that no request could reach, because they only dial out.</summary>
[CancelAfter(60_000)]
public sealed class TunnelTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    [Test]
    public async Task Applications_behind_a_front_door_come_and_go_under_load_and_no_request_hangs()
    {
        await using var door = await FrontDoor.OpenAsync();
        await using var alpha = await DialledApplication.StartAsync("alpha", door);
        await using var gamma = await DialledApplication.StartAsync("gamma", door);
        var beta = await DialledApplication.StartAsync("beta", door);
        await Timing.Until(() => door.Destinations == 3, "three applications have dialled in");
        using var client = new HttpClient { BaseAddress = door.Address };
        using var stopping = new CancellationTokenSource();
        var answers = new Answers();
        var load = Task.WhenAll(Enumerable.Range(0, 16).Select(_ => AskAsync(client, answers, stopping.Token)));

        await answers.WaitForAsync("alpha", "beta", "gamma");

        // It dies as a machine does that loses its power.
        answers.BeginDeath();
        beta.Session.Abort();
        await beta.DisposeAsync();
        await Timing.Until(() => door.Destinations == 2, "the front door has noticed");
        answers.EndDeath();
        await answers.WaitForAsync("alpha", "gamma");

        beta = await DialledApplication.StartAsync("beta", door);
        await answers.WaitForAsync("alpha", "beta", "gamma");
        await stopping.CancelAsync();
        await load.WaitAsync(s_patience);
        await beta.DisposeAsync();

        Assert.That(answers.Unexpected, Is.Empty);
    }

    [Test]
    public async Task With_no_application_behind_it_the_front_door_says_so_at_once()
    {
        await using var door = await FrontDoor.OpenAsync();
        var alpha = await DialledApplication.StartAsync("alpha", door);
        await Timing.Until(() => door.Destinations == 1, "the application has dialled in");
        using var client = new HttpClient { BaseAddress = door.Address };
        Assert.That(await client.GetStringAsync("/").Soon(), Is.EqualTo("alpha"));

        await alpha.DisposeAsync();
        await Timing.Until(() => door.Destinations == 0, "the front door has noticed");

        using var response = await client.GetAsync("/").Soon();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [Test]
    public async Task Content_of_any_size_passes_both_ways()
    {
        await using var door = await FrontDoor.OpenAsync();
        await using var alpha = await DialledApplication.StartAsync("alpha", door);
        await Timing.Until(() => door.Destinations == 1, "the application has dialled in");
        using var client = new HttpClient { BaseAddress = door.Address };
        var sent = Pattern.Bytes(3_000_000);

        using var response = await client.PostAsync("/echo", new ByteArrayContent(sent)).Soon();

        Assert.That((await response.Content.ReadAsByteArrayAsync().Soon()).AsSpan().SequenceEqual(sent), Is.True);
    }

    private static async Task AskAsync(HttpClient client, Answers answers, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var mayBeCut = answers.WatchDeath();
            try
            {
                using var response = await client.GetAsync("/", CancellationToken.None).WaitAsync(s_patience, CancellationToken.None);
                answers.Add(response.StatusCode, await response.Content.ReadAsStringAsync(CancellationToken.None).WaitAsync(s_patience, CancellationToken.None));
            }
            catch (HttpRequestException) when (mayBeCut())
            {
                // Its application died when the answer had begun: all that the front door can do is to cut it off.
            }
        }
    }

    /// <summary>Who answered, and what else the clients were told.</summary>
    private sealed class Answers
    {
        private readonly ConcurrentDictionary<string, int> _counts = new();
        private volatile bool _isDying;
        private volatile int _deaths;

        public ConcurrentBag<HttpStatusCode> Unexpected { get; } = [];

        /// <summary>From here on an application dies, with whatever it is about to answer.</summary>
        public void BeginDeath()
        {
            _isDying = true;
            _deaths++;
        }

        /// <summary>Nobody is asked any more who does not live. The counts begin anew.</summary>
        public void EndDeath()
        {
            _isDying = false;
            _counts.Clear();
        }

        /// <summary>For a request that begins: whether an application was dying at any time since.</summary>
        public Func<bool> WatchDeath()
        {
            var wasDying = _isDying;
            var deaths = _deaths;
            return () => wasDying || _deaths != deaths;
        }

        public void Add(HttpStatusCode status, string body)
        {
            if (status == HttpStatusCode.OK)
                _counts.AddOrUpdate(body, 1, (_, count) => count + 1);
            else if (status is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable))
                Unexpected.Add(status);
        }

        public Task WaitForAsync(params string[] names) =>
            Timing.Until(() => names.All(name => _counts.GetValueOrDefault(name) >= 100), $"{string.Join(", ", names)} have answered a hundred times each");
    }

    /// <summary>A web application that listens to nothing but the session that it dialled.</summary>
    private sealed class DialledApplication : IAsyncDisposable
    {
        private readonly ServedApplication _served;
        private readonly Task _serving;

        private DialledApplication(ServedApplication served, MuxadoSession session)
        {
            _served = served;
            Session = session;
            _serving = served.EndPoint.ServeAsync(session);
        }

        public MuxadoSession Session { get; }

        public static async Task<DialledApplication> StartAsync(string name, FrontDoor door)
        {
            var served = await ServedApplication.StartAsync(application =>
            {
                application.MapGet("/", () => name);
                application.MapPost("/echo", async (HttpRequest request) =>
                {
                    // All of it first: an HTTP/1.1 client reads no answer while it sends.
                    var content = new MemoryStream();
                    await request.Body.CopyToAsync(content);
                    return Results.Bytes(content.ToArray());
                });
            });
            var session = await MuxadoSession.ConnectAsync(new() { RemoteEndPoint = door.TunnelEndPoint }).Soon();
            await using (var introduction = session.OpenStream())
                await introduction.WriteAsync(Encoding.ASCII.GetBytes(name), completeWrites: true).Soon();
            return new DialledApplication(served, session);
        }

        public async ValueTask DisposeAsync()
        {
            await Session.DisposeAsync().Soon();
            await _serving.Soon();
            await _served.DisposeAsync();
        }
    }
}
