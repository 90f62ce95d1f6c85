using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>What holds a stream up, and for how long: told apart exactly, and only when somebody listens.</summary>
public sealed class BlockedTimeTests : DiagnosticsFixture
{
    private const string Instrument = "muxado.stream.blocked.time";
    private const int Window = 65_536;

    [Test, CancelAfter(30_000)]
    public async Task A_write_beyond_the_peers_window_waits_for_the_window()
    {
        using var meter = new MeterReadings(Instrument, "muxado.active_sessions");
        var (session, peer) = await ConnectAsync();
        var stream = await OpenAsync(session, peer);
        var writing = stream.WriteAsync(new byte[Window + 2]).AsTask();
        await peer.ExpectDataAsync(stream.Id, Window);
        Clock.Advance(TimeSpan.FromSeconds(2));
        await peer.SendAsync(Frames.WndInc(stream.Id, 1));
        await peer.ExpectDataAsync(stream.Id, 1);
        Clock.Advance(TimeSpan.FromSeconds(3));
        await peer.SendAsync(Frames.WndInc(stream.Id, 1));
        await writing.Soon();

        Assert.That(meter.Changes(Instrument), Is.EquivalentTo(new Dictionary<string, double> { ["client window"] = 5 }));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_write_that_is_called_off_has_waited_too()
    {
        using var meter = new MeterReadings(Instrument, "muxado.active_sessions");
        var (session, peer) = await ConnectAsync();
        var stream = await OpenAsync(session, peer);
        using var cancellation = new CancellationTokenSource();
        var writing = stream.WriteAsync(new byte[Window + 1], cancellation.Token).AsTask();
        await peer.ExpectDataAsync(stream.Id, Window);
        Clock.Advance(TimeSpan.FromSeconds(2));
        await cancellation.CancelAsync();
        Assert.That(async () => await writing.Soon(), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(meter.Changes(Instrument), Is.EquivalentTo(new Dictionary<string, double> { ["client window"] = 2 }));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_write_behind_a_transport_that_is_full_waits_for_the_transport()
    {
        using var meter = new MeterReadings(Instrument, "muxado.active_sessions");
        var transport = new StubbornTransport();
        var session = MuxadoSession.CreateOver(transport, isClient: false, new MuxadoSessionOptions { HeartbeatInterval = Timeout.InfiniteTimeSpan, TimeProvider = Clock });
        var stream = Own(session.OpenStream());
        await stream.WriteAsync(new byte[1]).Soon();
        await Timing.Until(() => transport.IsFull, "the transport has something that it does not take");
        var writing = stream.WriteAsync(new byte[10_000]).AsTask();
        Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.That(writing.IsCompleted, Is.False);
        transport.TakeAll();
        await writing.Soon();

        Assert.That(meter.Changes(Instrument), Is.EquivalentTo(new Dictionary<string, double> { ["server transport"] = 3 }));
        session.Abort();
        await session.Completion.Soon();
    }

    [Test, CancelAfter(30_000)]
    public async Task Bytes_that_nobody_reads_wait_for_the_reader()
    {
        using var meter = new MeterReadings(Instrument, "muxado.active_sessions");
        var (session, peer) = await ConnectAsync();
        var stream = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.Data(stream.Id, new byte[100]));
        await peer.PingAsync();
        Clock.Advance(TimeSpan.FromSeconds(4));
        await stream.ReadExactlyAsync(new byte[60]).AsTask().Soon();
        Assert.That(meter.Changes(Instrument), Is.Empty, "some of them still wait");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await stream.ReadExactlyAsync(new byte[40]).AsTask().Soon();
        var reading = stream.ReadExactlyAsync(new byte[100]).AsTask();
        Clock.Advance(TimeSpan.FromSeconds(1));
        await peer.SendAsync(Frames.Data(stream.Id, new byte[100]));
        await reading.Soon();

        Assert.That(meter.Changes(Instrument), Is.EquivalentTo(new Dictionary<string, double> { ["client reader"] = 5 }));
    }

    [Test, CancelAfter(30_000)]
    public async Task Bytes_of_a_stream_that_ends_have_waited_until_then([Values("dispose", "abort", "session")] string end)
    {
        using var meter = new MeterReadings(Instrument, "muxado.active_sessions");
        var (session, peer) = await ConnectAsync();
        var stream = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.Data(stream.Id, new byte[100]));
        await peer.PingAsync();
        Clock.Advance(TimeSpan.FromSeconds(4));
        if (end == "dispose")
            await stream.DisposeAsync();
        else if (end == "abort")
            stream.Abort();
        else
            session.Abort();
        Clock.Advance(TimeSpan.FromSeconds(4));
        session.Abort();
        await session.Completion.Soon();

        Assert.That(meter.Changes(Instrument), Is.EquivalentTo(new Dictionary<string, double> { ["client reader"] = 4 }));
    }

    [Test, CancelAfter(30_000)]
    public async Task Without_a_listener_nothing_is_measured()
    {
        var (session, peer) = await ConnectAsync();
        var stream = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.Data(stream.Id, new byte[100]));
        await peer.PingAsync();
        using var meter = new MeterReadings(Instrument);
        Clock.Advance(TimeSpan.FromSeconds(4));
        await stream.ReadExactlyAsync(new byte[100]).AsTask().Soon();

        Assert.That(meter.Changes(Instrument), Is.Empty);
    }
}
