using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Muxado.Fast.AspNetCore;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>On which thread a request runs. The session's clock stands still, so no timer rescues what a blocked thread holds up.</summary>
[CancelAfter(30_000)]
public sealed class SchedulingTests
{
    /// <summary>Longer than what opens the gate may take.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [Test]
    public async Task A_request_that_blocks_its_thread_holds_up_no_other_of_its_session()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp, serverOptions: new() { TimeProvider = new ManualTimeProvider() });
        using var gate = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        await using var served = await ServedApplication.StartAsync(application => MapGate(application, gate, entered));
        _ = served.EndPoint.ServeAsync(pair.Server);
        using var client = pair.Client.CreateHttpClient();
        await WarmUpAsync(client);

        var blocked = client.GetStringAsync("http://app/block");
        await Timing.Until(() => entered.IsSet, "the request blocks");
        Assert.That(await client.GetStringAsync("http://app/open").Soon(), Is.EqualTo("opened"));

        Assert.That(await blocked.Soon(), Is.EqualTo("through"));
    }

    /// <summary>Asked of the transport itself: a server may have begun to wait for its next bytes when they come, or not yet.</summary>
    [Test]
    public async Task Where_inline_is_preferred_it_runs_on_the_receiving_thread()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp, serverOptions: new() { TimeProvider = new ManualTimeProvider() });
        using var gate = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        var endPoint = new MuxadoEndPoint();
        var options = Options.Create(new MuxadoTransportOptions { UnsafePreferInlineScheduling = true });
        await using var listener = await new MuxadoTransportFactory(NullLoggerFactory.Instance, options).BindAsync(endPoint);
        _ = endPoint.ServeAsync(pair.Server);
        var (first, blocking) = await ConnectAsync(pair.Client, listener);
        var (second, behind) = await ConnectAsync(pair.Client, listener);
        var blocked = AtNextBytesAsync(blocking, () =>
        {
            entered.Set();
            if (!gate.Wait(s_limit))
                throw new TimeoutException("The gate was not opened.");
        });
        var passed = AtNextBytesAsync(behind, () => { });

        await first.WriteAsync(new byte[1]).Soon();
        await Timing.Until(() => entered.IsSet, "what reads the first connection blocks");
        await second.WriteAsync(new byte[1]).Soon();
        await Timing.StaysPending(passed, "what reads the second, behind one that blocks");
        gate.Set();

        await Task.WhenAll(blocked, passed).Soon();
        await blocking.DisposeAsync();
        await behind.DisposeAsync();
    }

    private static async Task<(MuxadoStream Stream, ConnectionContext Connection)> ConnectAsync(MuxadoSession client, IConnectionListener listener)
    {
        var stream = client.OpenStream();
        await stream.WriteAsync(new byte[1]).Soon();
        var connection = (await listener.AcceptAsync().Soon())!;
        var read = await connection.Transport.Input.ReadAsync().Soon();
        connection.Transport.Input.AdvanceTo(read.Buffer.End);
        return (stream, connection);
    }

    /// <summary>It is registered when this returns.</summary>
    private static async Task AtNextBytesAsync(ConnectionContext connection, Action act)
    {
        await connection.Transport.Input.ReadAsync();
        act();
    }

    /// <summary>Opens two connections, whose first requests run where the connections were accepted.</summary>
    private static async Task WarmUpAsync(HttpClient client) =>
        await Task.WhenAll(client.GetStringAsync("http://app/pair"), client.GetStringAsync("http://app/pair")).Soon();

    private static void MapGate(WebApplication application, ManualResetEventSlim gate, ManualResetEventSlim entered)
    {
        var paired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        application.MapGet("/pair", async () =>
        {
            if (Interlocked.Increment(ref waiting) == 2)
                paired.SetResult();
            await paired.Task;
            return "";
        });
        application.MapGet("/block", () =>
        {
            entered.Set();
            return gate.Wait(s_limit) ? "through" : "The gate was not opened.";
        });
        application.MapGet("/open", () =>
        {
            gate.Set();
            return "opened";
        });
    }
}
