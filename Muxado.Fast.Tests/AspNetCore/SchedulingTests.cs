using Microsoft.AspNetCore.Builder;
using Muxado.Fast.AspNetCore;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>On which thread a request runs. The session's clock stands still, so no timer rescues what a blocked thread holds up.</summary>
[CancelAfter(30_000)]
public sealed class SchedulingTests
{
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

    [Test]
    public async Task Where_inline_is_preferred_it_runs_on_the_receiving_thread()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp, serverOptions: new() { TimeProvider = new ManualTimeProvider() });
        using var gate = new ManualResetEventSlim();
        using var entered = new ManualResetEventSlim();
        await using var served = await ServedApplication.StartAsync(
            application => MapGate(application, gate, entered),
            configure: builder => builder.WebHost.UseMuxado(transport => transport.UnsafePreferInlineScheduling = true));
        _ = served.EndPoint.ServeAsync(pair.Server);
        using var client = pair.Client.CreateHttpClient();
        await WarmUpAsync(client);

        var blocked = client.GetStringAsync("http://app/block");
        await Timing.Until(() => entered.IsSet, "the request blocks");
        var behind = client.GetStringAsync("http://app/hello");
        await Timing.StaysPending(behind, "a request behind one that blocks");
        gate.Set();

        Assert.That(await blocked.Soon(), Is.EqualTo("through"));
        Assert.That(await behind.Soon(), Is.EqualTo("hello"));
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
        application.MapGet("/hello", () => "hello");
        application.MapGet("/block", () =>
        {
            entered.Set();
            gate.Wait();
            return "through";
        });
        application.MapGet("/open", () =>
        {
            gate.Set();
            return "opened";
        });
    }
}
