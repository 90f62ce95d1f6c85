using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class HeartbeatTests
{
    // Both ends are this process: where it gets no processor for longer than this, each is silent for the other.
    private static readonly TimeSpan s_tolerance = TimeSpan.FromSeconds(2.5);

    private static MuxadoSessionOptions Quick => new()
    {
        HeartbeatInterval = TimeSpan.FromMilliseconds(30),
        HeartbeatTolerance = s_tolerance,
    };

    private static MuxadoSessionOptions Off => new() { HeartbeatInterval = Timeout.InfiniteTimeSpan };

    [Test]
    public async Task The_round_trip_time_appears_on_both_sides()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp, Quick, Quick);

        await Timing.Until(() => pair.Client.RoundTripTime is not null && pair.Server.RoundTripTime is not null, "both have measured");

        Assert.That(pair.Client.RoundTripTime, Is.GreaterThan(TimeSpan.Zero).And.LessThan(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task A_peer_without_a_heartbeat_of_its_own_still_answers_ours()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Memory, Quick, Off);

        await Timing.Until(() => pair.Client.RoundTripTime is not null, "the client has measured");

        Assert.That(pair.Server.RoundTripTime, Is.Null);
    }

    [Test]
    public async Task A_silent_peer_ends_the_session_with_the_reason()
    {
        var (clientEnd, serverEnd) = MemoryDuplex.CreatePair();
        await using var blackHole = serverEnd;
        await using var client = MuxadoSession.CreateClient(clientEnd, Quick);
        var reading = client.OpenStream().ReadAsync(new byte[10]).AsTask();

        Assert.That((await client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.HeartbeatTimeout));
        await Fails.With(MuxadoError.HeartbeatTimeout, reading);
    }

    [Test]
    public async Task A_silent_peer_is_borne_when_our_heartbeat_is_off()
    {
        var (clientEnd, serverEnd) = MemoryDuplex.CreatePair();
        await using var blackHole = serverEnd;
        await using var client = MuxadoSession.CreateClient(clientEnd, new MuxadoSessionOptions
        {
            HeartbeatInterval = Timeout.InfiniteTimeSpan,
            HeartbeatTolerance = TimeSpan.Zero,
            CloseTimeout = TimeSpan.FromSeconds(1),
        });

        await Timing.StaysPending(client.Completion, "A session without a heartbeat");
    }

    [Test]
    public async Task An_idle_session_lives_through_many_intervals()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp, Quick, Quick);

        await Task.Delay(s_tolerance + TimeSpan.FromSeconds(1));

        Assert.That(pair.Client.Completion.IsCompleted || pair.Server.Completion.IsCompleted, Is.False);
        await pair.OpenAsync();
    }

    [Test]
    public async Task Heartbeats_are_no_streams_of_the_application()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Memory, Quick, Quick);
        var accepting = pair.Server.AcceptStreamAsync().AsTask();

        await Timing.Until(() => pair.Client.RoundTripTime is not null && pair.Server.RoundTripTime is not null, "both have measured");

        Assert.That((pair.Client.ActiveStreams, pair.Server.ActiveStreams, accepting.IsCompleted), Is.EqualTo((0, 0, false)));
    }

    [Test]
    public async Task A_jump_of_the_wall_clock_changes_nothing([Values(-1, 1)] int days)
    {
        var clock = new JumpingWallClock();
        var options = Quick;
        options.TimeProvider = clock;
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Memory, options, Quick);
        var (opened, _) = await pair.OpenAsync();
        opened.ReadDeadline = clock.GetUtcNow() + TimeSpan.FromHours(1);
        var reading = opened.ReadAsync(new byte[10]).AsTask();

        clock.Jump(TimeSpan.FromDays(days));
        await Task.Delay(TimeSpan.FromMilliseconds(400));

        Assert.That(reading.IsCompleted || pair.Client.Completion.IsCompleted, Is.False);
    }

    /// <summary>The system's clock, whose date someone sets while the monotonic timestamps go on.</summary>
    private sealed class JumpingWallClock : TimeProvider
    {
        private TimeSpan _offset;

        public void Jump(TimeSpan by) => _offset += by;

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _offset;
    }
}
