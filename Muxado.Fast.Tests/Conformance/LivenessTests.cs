using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>Our own heartbeat, on a clock that the test moves.</summary>
public sealed class LivenessTests(Role role) : ConformanceFixture(role)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _clock = new();

    [Test]
    public async Task A_beat_of_4_bytes_is_sent_every_interval_and_its_echo_tells_the_round_trip_time()
    {
        var (session, peer) = await ConnectAsync(s_interval);
        Assert.That(session.RoundTripTime, Is.Null);

        var beats = new List<byte[]>();
        for (var i = 0; i < 3; i++)
        {
            _clock.Advance(s_interval);
            var beat = await peer.ExpectBeatAsync();
            Assert.That(beat.Length, Is.EqualTo(4));
            beats.Add(beat.Payload.ToArray());
            await peer.SendAsync(beat);
            await peer.PingAsync();
        }

        Assert.That(beats, Is.Unique, "an echo tells which beat it answers");
        Assert.That(session.RoundTripTime, Is.Not.Null);
    }

    [Test]
    public async Task An_echo_of_no_beat_tells_no_round_trip_time()
    {
        var (session, peer) = await ConnectAsync(s_interval);
        var id = Ours(0);
        foreach (var forged in new uint[] { 1, 0 })
            await peer.SendAsync(Frames.Data(id, [0, 0, 0, (byte)forged]));
        await peer.PingAsync();
        Assert.That(session.RoundTripTime, Is.Null);

        _clock.Advance(s_interval);
        var beat = await peer.ExpectBeatAsync();
        await peer.SendAsync(beat);
        await peer.PingAsync();
        var roundTrip = session.RoundTripTime; // Of the beat's own time, which is up to a tenth of the interval before this.
        _clock.Advance(TimeSpan.FromSeconds(1));
        await peer.SendAsync(Frames.Data(id, [0, 0, 0, 9]), beat);
        await peer.PingAsync();

        Assert.That(roundTrip, Is.Not.Null.And.LessThan(TimeSpan.FromSeconds(1)));
        Assert.That(session.RoundTripTime, Is.EqualTo(roundTrip), "each beat has one answer");
    }

    [Test]
    public async Task Silence_ends_the_session_after_interval_and_tolerance_and_not_before()
    {
        var (session, peer) = await ConnectAsync(s_interval);
        var accept = session.AcceptStreamAsync();
        var drained = peer.DrainAsync();

        Pass(s_tolerance);
        Assert.That(session.Completion.IsCompleted, Is.False);
        Pass(2 * s_interval);

        await drained.Soon();
        peer.EndSending();
        var info = await session.Completion.Soon();
        Assert.That(info.Error, Is.EqualTo(MuxadoError.HeartbeatTimeout));
        Assert.That(info.Exception, Is.InstanceOf<MuxadoException>().With.Message.Contains("heartbeat").IgnoreCase);
        Assert.That((await accept.FailsSoon()).Error, Is.EqualTo(MuxadoError.HeartbeatTimeout));
    }

    [Test]
    public async Task Any_byte_that_came_counts_as_life()
    {
        var (session, peer) = await ConnectAsync(s_interval);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        var bytes = Frames.Data(id, "x").Bytes;

        // A whole frame at last, yet each byte of it counts.
        for (var i = 0; i < bytes.Length; i++)
        {
            Pass(s_tolerance);
            await SendAndWaitAsync(session, peer, bytes.Slice(i, 1));
        }

        Assert.That(await ReadTextAsync(stream, 1), Is.EqualTo("x"));
        Assert.That(session.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task Bytes_that_answer_nothing_count_as_life_too()
    {
        var (session, peer) = await ConnectAsync(s_interval);
        var (_, id) = await AcceptFirstAsync(session, peer);
        await SendAndWaitAsync(session, peer, Frames.Rst(id, 7).Bytes);

        for (var i = 0; i < 5; i++)
        {
            Pass(s_tolerance);
            await SendAndWaitAsync(session, peer, Frames.WndInc(id, 1).Bytes); // Credit for a stream that is over.
        }

        Assert.That(session.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task Time_in_which_this_process_did_not_run_is_no_silence_of_the_peer()
    {
        var (session, peer) = await ConnectAsync(s_interval);

        _clock.Leap(TimeSpan.FromMinutes(10));

        Assert.That(session.Completion.IsCompleted, Is.False, "the peer's bytes may lie unread");
        await peer.SendAsync(await peer.ExpectBeatAsync());
        await peer.PingAsync();
        Pass(s_tolerance);
        Assert.That(session.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task A_peer_that_died_while_this_process_did_not_run_is_found_after_a_few_beats()
    {
        var (session, peer) = await ConnectAsync(s_interval);
        var drained = peer.DrainAsync();

        _clock.Leap(TimeSpan.FromMinutes(10));
        Pass(4 * s_interval);

        await drained.Soon();
        await ExpectCompletionAsync(session, MuxadoError.HeartbeatTimeout);
    }

    [Test]
    public async Task A_session_that_is_answered_lives_on()
    {
        var (session, peer) = await ConnectAsync(s_interval);

        for (var i = 0; i < 30; i++)
        {
            Pass(2 * s_interval);
            await peer.SendAsync(await peer.ExpectBeatAsync());
            await peer.PingAsync();
        }

        Assert.That(session.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task Without_a_heartbeat_of_ours_silence_is_no_error()
    {
        var (session, peer) = await ConnectAsync(Timeout.InfiniteTimeSpan);
        await peer.ExpectQuietAsync();

        _clock.Advance(TimeSpan.FromDays(1));

        await peer.ExpectQuietAsync();
        Assert.That(session.Completion.IsCompleted, Is.False);
    }

    [TestCase(-1)]
    [TestCase(1)]
    public async Task A_jump_of_the_wall_clock_changes_nothing(int days)
    {
        var (session, peer) = await ConnectAsync(s_interval);
        await peer.PingAsync();

        _clock.SkewWallClock(TimeSpan.FromDays(days));
        Pass(2 * s_interval);

        await peer.SendAsync(await peer.ExpectBeatAsync());
        await peer.ExpectQuietAsync();
        Assert.That(session.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task Each_beat_comes_up_to_a_tenth_early_by_chance_so_that_sessions_that_started_together_drift_apart()
    {
        const int Sessions = 8;
        const int Beats = 10;
        const int StepsPerInterval = 1_000;
        var peers = new List<RawPeer>();
        while (peers.Count < Sessions)
            peers.Add((await ConnectAsync(s_interval)).Peer);

        // Each beat is sent as the clock passes its time; note in which step that is.
        var beaten = peers.Select(_ => new List<int>()).ToArray();
        for (var step = 1; step <= Beats * StepsPerInterval; step++)
        {
            _clock.Advance(s_interval / StepsPerInterval);
            for (var i = 0; i < Sessions; i++)
            {
                if (!peers[i].HasPendingBytes)
                    continue;
                await peers[i].ExpectBeatAsync();
                beaten[i].Add(step);
            }
        }

        foreach (var steps in beaten)
        {
            var gaps = steps.Prepend(0).Zip(steps, (from, to) => to - from).ToList();
            Assert.That(gaps, Is.All.InRange(StepsPerInterval * 9 / 10, StepsPerInterval + 1));
            Assert.That(gaps.Distinct().Count(), Is.GreaterThan(Beats / 2), $"the gaps are {string.Join(", ", gaps)}");
        }

        var last = beaten.Select(steps => steps[Beats - 1]).ToList();
        Assert.That(last.Max() - last.Min(), Is.GreaterThan(StepsPerInterval / 50), "the tenth beats are spread");
    }

    private static async Task SendAndWaitAsync(MuxadoSession session, RawPeer peer, ReadOnlyMemory<byte> bytes)
    {
        var received = session.GetSnapshot().BytesReceived;
        await peer.SendBytesAsync(bytes);
        await Timing.Until(() => session.GetSnapshot().BytesReceived == received + bytes.Length, "the bytes have come");
    }

    private void Pass(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += s_step)
            _clock.Advance(s_step);
    }

    private async Task<(MuxadoSession Session, RawPeer Peer)> ConnectAsync(TimeSpan interval)
    {
        var link = await ConnectAsync(options =>
        {
            options.TimeProvider = _clock;
            options.HeartbeatInterval = interval;
            options.HeartbeatTolerance = s_tolerance;
            options.PartialFrameTimeout = Timeout.InfiniteTimeSpan;
        });
        if (interval == s_interval)
            await link.Peer.ExpectAsync(Frames.Heartbeat(Ours(0)));
        return link;
    }
}
