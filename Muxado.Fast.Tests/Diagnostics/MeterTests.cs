using System.Diagnostics.Metrics;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>Every instrument of the meter, with the exact values of scripted sessions.</summary>
public sealed class MeterTests : DiagnosticsFixture
{
    [Test, CancelAfter(30_000)]
    public async Task The_instruments_are_named_as_documented()
    {
        await ConnectAsync();
        using var meter = new MeterReadings();

        Assert.That(meter.Instruments.Values.Select(instrument => $"{instrument.Name} {instrument.Unit} {KindOf(instrument)}"), Is.EquivalentTo(new[]
        {
            "muxado.active_sessions {session} ObservableUpDownCounter",
            "muxado.active_streams {stream} ObservableUpDownCounter",
            "muxado.queued_streams {stream} ObservableUpDownCounter",
            "muxado.session.duration s Histogram",
            "muxado.io By ObservableCounter",
            "muxado.stream.resets {reset} ObservableCounter",
            "muxado.heartbeat.duration s Histogram",
            "muxado.stream.blocked.time s ObservableCounter",
        }));

        static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0];
    }

    [Test, CancelAfter(30_000)]
    public async Task Every_byte_on_the_wire_is_counted_once([Values] bool isClient)
    {
        using var meter = new MeterReadings();
        var (session, peer) = await ConnectAsync(isClient);
        var stream = await OpenAsync(session, peer);
        await stream.WriteAsync(new byte[100]).Soon();
        await stream.WriteAsync(new byte[50_000], completeWrites: true).Soon();
        await peer.ExpectDataAsync(stream.Id, 50_100, thenFin: true);
        WireFrame[] answer = [Frames.Data(stream.Id, new byte[1000]), Frames.Fin(stream.Id), Frames.GoAway(0, 0)];
        await peer.SendAsync(answer);
        await stream.ReadExactlyAsync(new byte[1000]).AsTask().Soon();
        var closing = session.CloseAsync().AsTask();
        await peer.ExpectGoAwayAsync(0);
        await peer.ExpectEndAsync();
        peer.EndSending();
        await closing.Soon();

        var role = isClient ? "client" : "server";
        Assert.That(meter.Changes("muxado.io"), Is.EquivalentTo(new Dictionary<string, double>
        {
            [$"{role} transmit"] = peer.Received.Sum(frame => frame.Bytes.Length),
            [$"{role} receive"] = answer.Sum(frame => frame.Bytes.Length),
        }));
    }

    [Test, CancelAfter(30_000)]
    public async Task Resets_are_counted_by_direction_and_code()
    {
        using var meter = new MeterReadings();
        var (session, peer) = await ConnectAsync();
        for (var i = 0; i < 2; i++)
        {
            var ours = await OpenAsync(session, peer);
            ours.Abort(MuxadoErrorCode.InternalError);
            await peer.ExpectAsync(Frames.Rst(ours.Id, 2));
            ours.Abort(MuxadoErrorCode.InternalError);
        }

        var theirs = await OpenAsync(session, peer);
        var odd = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.Rst(theirs.Id, 7), Frames.Rst(odd.Id, 4711));
        await peer.PingAsync();

        Assert.That(meter.Changes("muxado.stream.resets"), Is.EquivalentTo(new Dictionary<string, double>
        {
            ["client transmit InternalError"] = 2,
            ["client receive Cancel"] = 1,
            ["client receive _OTHER"] = 1,
        }));
    }

    [Test, CancelAfter(30_000)]
    public async Task Sessions_and_streams_are_counted_while_they_live()
    {
        using var meter = new MeterReadings();
        var (session, peer) = await ConnectAsync(isClient: false);
        await peer.SendAsync(Frames.Syn(3), Frames.Syn(5), Frames.Syn(7));
        await peer.PingAsync();
        var own = await OpenAsync(session, peer);
        Assert.That(Levels(), Is.EqualTo((1, 4, 3)));

        var accepted = Own(await session.AcceptStreamAsync().Soon());
        Assert.That(Levels(), Is.EqualTo((1, 4, 2)));

        own.Abort();
        accepted.Abort();
        Assert.That(Levels(), Is.EqualTo((1, 2, 2)));

        session.Abort();
        await session.Completion.Soon();
        Assert.That(Levels(), Is.EqualTo((0, 0, 0)), "a session that has ended has nothing");

        (int Sessions, int Streams, int Queued) Levels()
        {
            foreach (var instrument in new[] { "muxado.active_sessions", "muxado.active_streams", "muxado.queued_streams" })
                Assert.That(meter.Change($"{instrument} client"), Is.Zero, "of the role that nobody plays");
            return ((int)meter.Change("muxado.active_sessions server"), (int)meter.Change("muxado.active_streams server"), (int)meter.Change("muxado.queued_streams server"));
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task A_session_tells_once_how_long_it_lived_and_how_it_ended()
    {
        using var meter = new MeterReadings("muxado.session.duration", "muxado.active_sessions");
        var (orderly, peer) = await ConnectAsync(isClient: false);
        Clock.Advance(TimeSpan.FromSeconds(90));
        var closing = orderly.CloseAsync().AsTask();
        await peer.ExpectGoAwayAsync(0);
        peer.EndSending();
        await closing.Soon();
        await orderly.DisposeAsync().Soon();
        var (aborted, _) = await ConnectAsync();
        Clock.Advance(TimeSpan.FromSeconds(1.5));
        aborted.Abort();
        aborted.Abort();
        await aborted.Completion.Soon();

        Assert.That(meter.Recorded, Is.EqualTo(new[]
        {
            ("muxado.session.duration server", 90),
            ("muxado.session.duration client SessionAborted", 1.5),
        }));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_heartbeat_tells_its_round_trip()
    {
        using var meter = new MeterReadings("muxado.heartbeat.duration", "muxado.active_sessions");
        var (session, peer) = await ConnectAsync(configure: options =>
        {
            options.HeartbeatInterval = TimeSpan.FromSeconds(3);
            options.Random = new Never();
        });
        await peer.ExpectAsync(Frames.Heartbeat(3));
        Clock.Advance(TimeSpan.FromSeconds(3));
        var beat = await peer.ExpectBeatAsync();
        Clock.Advance(TimeSpan.FromMilliseconds(250));
        await peer.SendAsync(Frames.Data(3, beat.Payload.ToArray()));
        await Timing.Until(() => session.RoundTripTime is not null, "the beat is back");
        await peer.SendAsync(Frames.Data(3, beat.Payload.ToArray()));
        await peer.PingAsync();

        await Timing.Until(() => meter.Recorded.Count > 0, "it is recorded");
        Assert.That(meter.Recorded, Is.EqualTo(new[] { ("muxado.heartbeat.duration client", 0.25) }));
    }

    [Test, CancelAfter(30_000)]
    public async Task A_listener_that_throws_harms_no_session()
    {
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "muxado.session.duration")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("a listener's own mistake"));
        listener.Start();
        var (session, _) = await ConnectAsync();
        session.Abort();

        Assert.That((await session.Completion.Soon()).Error, Is.EqualTo(MuxadoError.SessionAborted));
    }

    /// <summary>No jitter.</summary>
    private sealed class Never : Random
    {
        public override double NextDouble() => 0;
    }
}
