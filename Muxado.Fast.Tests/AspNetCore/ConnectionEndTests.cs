using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Muxado.Fast.AspNetCore;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>How the end of a stream, whatever its kind, reaches the code that serves it, while nobody reads the stream.</summary>
[CancelAfter(30_000)]
public sealed class ConnectionEndTests
{
    [Test]
    public async Task A_request_that_is_given_up_is_aborted_at_the_server_at_once([Values(HttpProtocols.Http1, HttpProtocols.Http2)] HttpProtocols protocols)
    {
        const int MostTries = 3; // The best of them counts: what else the machine does only adds.
        var limit = TimeSpan.FromMilliseconds(500);
        var took = TimeSpan.MaxValue;
        for (var tries = 0; tries < MostTries && took >= limit; tries++)
            took = await GiveUpAsync(protocols);

        Assert.That(took, Is.LessThan(limit));
    }

    /// <summary>How long it takes until the server knows that nobody waits for its answer.</summary>
    private static async Task<TimeSpan> GiveUpAsync(HttpProtocols protocols)
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        var waits = new WaitingRequest();
        await using var served = await ServedApplication.StartAsync(waits.Map, protocols);
        using var client = protocols == HttpProtocols.Http2 ? pair.Client.CreateHttp2Client() : pair.Client.CreateHttpClient();
        using var cancellation = new CancellationTokenSource();
        _ = served.EndPoint.ServeAsync(pair.Server);
        var asking = client.GetStringAsync("http://app/wait", cancellation.Token);
        await waits.Entered.Soon();

        var started = Stopwatch.GetTimestamp();
        await cancellation.CancelAsync();
        await waits.Aborted.Soon();

        var took = Stopwatch.GetElapsedTime(started);
        await Fails.With<OperationCanceledException>(asking);
        return took;
    }

    [TestCase("FIN")]
    [TestCase("RST")]
    [TestCase("the session's loss")]
    [TestCase("the session's abort")]
    public async Task Every_end_of_the_stream_aborts_the_request(string end)
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        var waits = new WaitingRequest();
        await using var served = await ServedApplication.StartAsync(waits.Map);
        _ = served.EndPoint.ServeAsync(pair.Server);
        await using var stream = pair.Client.OpenStream();
        // The body that is announced is never read, nor sent to its end.
        await stream.WriteAsync("POST /wait HTTP/1.1\r\nHost: app\r\nContent-Length: 1000\r\n\r\nsome"u8.ToArray()).Soon();
        await waits.Entered.Soon();

        switch (end)
        {
            case "FIN":
                stream.CompleteWrites();
                break;
            case "RST":
                stream.Abort();
                break;
            case "the session's loss":
                pair.Client.Abort();
                break;
            default:
                pair.Server.Abort();
                break;
        }

        await waits.Aborted.Soon();
    }

    [Test]
    public async Task A_connection_is_closed_at_the_peers_end_and_may_still_be_answered()
    {
        await using var pair = await SessionPair.ConnectAsync();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await ServeConnectionsAsync(pair, async connection =>
        {
            connection.ConnectionClosed.Register(closed.SetResult);
            await closed.Task;
            var result = await connection.Transport.Input.ReadAtLeastAsync(100);
            await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes($"{result.Buffer.Length}, complete: {result.IsCompleted}"));
        });
        await using var stream = pair.Client.OpenStream();
        await stream.WriteAsync(new byte[10], completeWrites: true).Soon();
        await closed.Task.Soon();

        var answer = await new StreamReader(stream).ReadToEndAsync().Soon();

        Assert.That(answer, Is.EqualTo("10, complete: True"));
    }

    [Test]
    public async Task A_reset_is_a_lost_connection_to_whoever_reads_and_nobodys_concern_to_whoever_writes()
    {
        await using var pair = await SessionPair.ConnectAsync();
        var ended = new TaskCompletionSource<(Exception Reading, FlushResult Writing)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await ServeConnectionsAsync(pair, async connection =>
        {
            await connection.Transport.Output.WriteAsync(new byte[1]);
            var flushing = connection.Transport.Output.WriteAsync(new byte[8 * 1024 * 1024]);
            var reading = await Fails.With<ConnectionResetException>(connection.Transport.Input.ReadAsync().AsTask());
            ended.SetResult((reading, await flushing));
        });
        await using var stream = pair.Client.OpenStream();
        await stream.ReadExactlyAsync(new byte[1]).Soon();

        stream.Abort(MuxadoErrorCode.InternalError);

        var (failure, flushed) = await ended.Task.Soon();
        Assert.That(failure.InnerException, Is.InstanceOf<MuxadoException>().With.Property(nameof(MuxadoException.ErrorCode)).EqualTo(MuxadoErrorCode.InternalError));
        Assert.That(flushed.IsCompleted, Is.True);
    }

    [Test]
    public async Task Aborting_a_connection_resets_its_stream_and_closes_it_on_both_sides()
    {
        await using var pair = await SessionPair.ConnectAsync();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await ServeConnectionsAsync(pair, async connection =>
        {
            connection.Abort(new ConnectionAbortedException("enough"));
            connection.ConnectionClosed.Register(closed.SetResult);
            await closed.Task;
        });
        await using var stream = pair.Client.OpenStream();

        var failure = await Fails.With(MuxadoError.StreamAborted, stream.ReadAsync(new byte[1]).AsTask());

        Assert.That(failure.ErrorCode, Is.EqualTo(MuxadoErrorCode.Cancel));
        await closed.Task.Soon();
        Assert.That(pair.Client.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task Code_that_aborts_its_own_request_sees_what_it_sees_over_a_socket()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        var seen = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await ServedApplication.StartAsync(
            application => application.MapPost("/abort", async (HttpContext context) =>
            {
                var reading = context.Request.Body.ReadAsync(new byte[1]).AsTask();
                context.Abort();
                seen.SetResult(await Fails.With<Exception>(reading));
            }),
            alsoTcp: true);
        _ = served.EndPoint.ServeAsync(pair.Server);
        var request = "POST /abort HTTP/1.1\r\nHost: app\r\nContent-Length: 1000\r\n\r\n"u8.ToArray();
        using var socket = new TcpClient();
        await socket.ConnectAsync(served.TcpAddress.Host, served.TcpAddress.Port).Soon();
        await socket.GetStream().WriteAsync(request).Soon();
        var overSocket = await seen.Task.Soon();

        seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stream = pair.Client.OpenStream();
        await stream.WriteAsync(request).Soon();
        var overStream = await seen.Task.Soon();

        Assert.That(overSocket, Is.InstanceOf<OperationCanceledException>());
        Assert.That(
            (overStream.GetType(), overStream.InnerException?.GetType()), Is.EqualTo((overSocket.GetType(), overSocket.InnerException?.GetType())), overStream.ToString());
    }

    [Test]
    public async Task A_connection_whose_code_returns_half_closes_its_stream_and_counts_as_closed()
    {
        await using var pair = await SessionPair.ConnectAsync();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await ServeConnectionsAsync(pair, async connection =>
        {
            connection.ConnectionClosed.Register(closed.SetResult);
            await connection.Transport.Output.WriteAsync("bye"u8.ToArray());
        });
        await using var stream = pair.Client.OpenStream();

        Assert.That(await new StreamReader(stream).ReadToEndAsync().Soon(), Is.EqualTo("bye"));

        await closed.Task.Soon();
    }

    [Test]
    public async Task Code_that_disposes_the_stream_itself_keeps_nothing_from_ending([Values] bool leavesUnflushed)
    {
        await using var pair = await SessionPair.ConnectAsync();
        var returned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await ServeConnectionsAsync(pair, connection =>
        {
            if (leavesUnflushed)
                connection.Transport.Output.Advance(connection.Transport.Output.GetMemory().Length);
            connection.Features.Get<IMuxadoStreamFeature>()!.Stream.Dispose();
            returned.SetResult();
            return Task.CompletedTask;
        });
        await using var stream = pair.Client.OpenStream();
        await stream.WriteAsync(new byte[1]).Soon();
        await returned.Task.Soon();

        await served.StopAsync();

        Assert.That(served.Log.Events.Select(logged => logged.Text), Has.None.Contains("gracefully"));
        await Timing.Until(() => served.Log.Events.Any(logged => logged.Text.EndsWith("closed.", StringComparison.Ordinal)), "the connection is closed");
    }

    [Test]
    public async Task A_callback_that_throws_harms_nothing()
    {
        await using var pair = await SessionPair.ConnectAsync();
        var served = await ServeConnectionsAsync(pair, connection =>
        {
            connection.ConnectionClosed.Register(() => throw new InvalidOperationException("of the application"));
            return Task.CompletedTask;
        });
        await using (var stream = pair.Client.OpenStream())
            Assert.That(await stream.ReadAsync(new byte[1]).Soon(), Is.Zero);

        await served.Application.DisposeAsync().Soon();

        Assert.That(served.Log.Errors.Select(error => error.Exception?.InnerException?.Message ?? error.Text), Is.EqualTo(new[] { "of the application" }));
    }

    [Test]
    public async Task A_host_that_stops_lets_its_requests_finish()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var served = await ServedApplication.StartAsync(application => application.MapGet("/wait", async () =>
        {
            entered.SetResult();
            await release.Task;
            return "done";
        }));
        using var client = pair.Client.CreateHttpClient();
        var serving = served.EndPoint.ServeAsync(pair.Server);
        var asking = client.GetStringAsync("http://app/wait");
        await entered.Task.Soon();

        var stopping = served.StopAsync();
        await serving.Soon();
        release.SetResult();

        Assert.That(await asking.Soon(), Is.EqualTo("done"));
        await stopping.Soon();
    }

    [Test]
    public async Task What_happened_to_a_connection_is_in_the_log()
    {
        await using var pair = await SessionPair.ConnectAsync();
        await using var served = await ServeConnectionsAsync(pair, connection => connection.Transport.Input.CopyToAsync(Stream.Null));
        await using (var stream = pair.Client.OpenStream())
        {
            await stream.WriteAsync(new byte[1], completeWrites: true).Soon();
            await stream.ReadAsync(new byte[1]).Soon();
        }

        await pair.DisposeAsync();
        string[] expected = ["attached", "accepted", "last byte", "closed", "ended, None"];
        await Timing.Until(() => Texts().Length >= expected.Length, "everything is logged");

        Assert.That(Texts().Zip(expected, (text, part) => text.Contains(part, StringComparison.Ordinal)), Has.All.True, string.Join("\n", Texts()));

        string[] Texts() => [.. served.Log.Events.Where(logged => logged.Category == "Muxado.Fast.AspNetCore").Select(logged => logged.Text)];
    }

    [Test]
    public async Task A_stream_ends_although_its_connections_transport_was_replaced_by_one_that_ends_nothing()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        await using var served = await ServeConnectionsAsync(pair, connection =>
        {
            connection.Transport = new Unconnected();
            return Task.CompletedTask;
        });
        await using (var stream = pair.Client.OpenStream())
            Assert.That(await stream.ReadAsync(new byte[1]).Soon(), Is.Zero);

        await Timing.Until(() => pair.Server.GetSnapshot().ActiveStreams == 0, "the stream has given its place back");
    }

    /// <summary>Serves streams of the server's session with a connection handler of Kestrel's, without HTTP.</summary>
    private static async Task<ServedApplication> ServeConnectionsAsync(SessionPair pair, Func<ConnectionContext, Task> handle)
    {
        var endPoint = new MuxadoEndPoint("raw");
        var served = await ServedApplication.StartAsync(
            _ => { },
            configure: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(endPoint, listen => listen.Run(connection => handle(connection)))));
        _ = endPoint.ServeAsync(pair.Server);
        return served;
    }

    private sealed class Unconnected : IDuplexPipe
    {
        public PipeReader Input { get; } = new Pipe().Reader;

        public PipeWriter Output { get; } = new Pipe().Writer;
    }

    /// <summary>A request that waits until it is aborted.</summary>
    private sealed class WaitingRequest
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Entered => _entered.Task;

        public Task Aborted => _aborted.Task;

        public void Map(WebApplication application) => application.Map("/wait", async (HttpContext context) =>
        {
            using var registration = context.RequestAborted.Register(_aborted.SetResult);
            _entered.SetResult();
            await _aborted.Task;
        });
    }
}
