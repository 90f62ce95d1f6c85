using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>A peer whose connection takes no more bytes: our own operations still end when we say so.</summary>
public sealed class StalledPeerTests
{
    private static readonly TimeSpan s_atOnce = TimeSpan.FromSeconds(1);

    private static readonly byte[] s_beyondTheWindow = new byte[1024 * 1024];

    private Stream _peer = null!;
    private MuxadoSession _session = null!;

    [SetUp]
    public void Connect()
    {
        var (ours, theirs) = MemoryDuplex.CreatePair(capacityBytes: 1_000);
        _peer = theirs;
        _session = MuxadoSession.CreateClient(ours, new MuxadoSessionOptions { CloseTimeout = TimeSpan.FromSeconds(1) });
    }

    [TearDown]
    public async Task Close()
    {
        _session.Abort();
        await _session.DisposeAsync();
        await _peer.DisposeAsync();
    }

    [Test]
    public async Task A_write_is_cancelled_at_once()
    {
        using var cancellation = new CancellationTokenSource();
        var write = _session.OpenStream().WriteAsync(s_beyondTheWindow, cancellation.Token).AsTask();
        await Timing.StaysPending(write, "A write to a stalled peer");

        await cancellation.CancelAsync();

        await Fails.With<OperationCanceledException>(write.WaitAsync(s_atOnce));
    }

    [Test]
    public async Task A_write_ends_at_its_deadline()
    {
        var stream = _session.OpenStream();
        stream.WriteDeadline = DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(50);

        await Fails.With(MuxadoError.DeadlineExceeded, () => stream.WriteAsync(s_beyondTheWindow).AsTask().WaitAsync(s_atOnce));
    }

    [Test]
    public async Task Disposing_ends_a_write_at_once()
    {
        var stream = _session.OpenStream();
        var write = stream.WriteAsync(s_beyondTheWindow).AsTask();
        await Timing.StaysPending(write, "A write to a stalled peer");

        await stream.DisposeAsync().AsTask().WaitAsync(s_atOnce);

        Assert.That(Fails.IsOrderly(await Fails.With<Exception>(write.WaitAsync(s_atOnce))));
    }

    [Test]
    public async Task Aborting_the_session_ends_everything_at_once()
    {
        var stream = _session.OpenStream();
        var write = stream.WriteAsync(s_beyondTheWindow).AsTask();
        var read = stream.ReadAsync(new byte[10]).AsTask();
        await Timing.StaysPending(write, "A write to a stalled peer");

        _session.Abort();

        await Fails.With(MuxadoError.SessionAborted, write.WaitAsync(s_atOnce));
        await Fails.With(MuxadoError.SessionAborted, read.WaitAsync(s_atOnce));
        await _session.Completion.WaitAsync(s_atOnce);
    }

    [Test]
    public async Task A_write_that_waits_its_turn_behind_another_stream_is_cancelled_at_once()
    {
        var first = _session.OpenStream().WriteAsync(s_beyondTheWindow).AsTask();
        using var cancellation = new CancellationTokenSource();
        var second = _session.OpenStream().WriteAsync(s_beyondTheWindow, cancellation.Token).AsTask();
        await Timing.StaysPending(second, "A write to a stalled peer");

        await cancellation.CancelAsync();

        await Fails.With<OperationCanceledException>(second.WaitAsync(s_atOnce));
        Assert.That(first.IsCompleted, Is.False);
    }

    [Test]
    public async Task Closing_is_bounded()
    {
        var write = _session.OpenStream().WriteAsync(s_beyondTheWindow).AsTask();

        await _session.CloseAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(4));

        await Fails.With(MuxadoError.SessionClosed, write);
        Assert.That(_session.Completion.IsCompleted);
    }

    [Test]
    public async Task The_session_ends_at_the_write_stall_limit()
    {
        var (ours, theirs) = MemoryDuplex.CreatePair(capacityBytes: 1_000);
        await using var peer = theirs;
        await using var session = MuxadoSession.CreateClient(
            ours, new MuxadoSessionOptions { WriteStallTimeout = TimeSpan.FromMilliseconds(300) });

        var write = session.OpenStream().WriteAsync(s_beyondTheWindow).AsTask();

        Assert.That((await session.Completion.Soon()).Error, Is.EqualTo(MuxadoError.TransportFailed).Or.EqualTo(MuxadoError.LimitExceeded));
        await Fails.With<MuxadoException>(write);
    }
}
