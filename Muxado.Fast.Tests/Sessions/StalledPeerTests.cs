using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>A peer whose connection takes no more bytes: our own operations still end when we say so.</summary>
public sealed class StalledPeerTests
{
    private static readonly TimeSpan s_atOnce = TimeSpan.FromSeconds(1);

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
        var write = _session.OpenStream().WriteAsync(new byte[60_000], cancellation.Token).AsTask();
        await Timing.StaysPending(write, "A write to a stalled peer");

        await cancellation.CancelAsync();

        await Fails.With<OperationCanceledException>(write.WaitAsync(s_atOnce));
    }

    [Test]
    public async Task A_write_ends_at_its_deadline()
    {
        var stream = _session.OpenStream();
        stream.WriteDeadline = DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(50);

        await Fails.With(MuxadoError.DeadlineExceeded, () => stream.WriteAsync(new byte[60_000]).AsTask().WaitAsync(s_atOnce));
    }

    [Test]
    public async Task Disposing_ends_a_write_at_once()
    {
        var stream = _session.OpenStream();
        var write = stream.WriteAsync(new byte[60_000]).AsTask();
        await Timing.StaysPending(write, "A write to a stalled peer");

        await stream.DisposeAsync().AsTask().WaitAsync(s_atOnce);

        Assert.That(Fails.IsOrderly(await Fails.With<Exception>(write.WaitAsync(s_atOnce))));
    }

    [Test]
    public async Task Aborting_the_session_ends_everything_at_once()
    {
        var stream = _session.OpenStream();
        var write = stream.WriteAsync(new byte[60_000]).AsTask();
        var read = stream.ReadAsync(new byte[10]).AsTask();
        await Timing.StaysPending(write, "A write to a stalled peer");

        _session.Abort();

        await Fails.With(MuxadoError.SessionAborted, write.WaitAsync(s_atOnce));
        await Fails.With(MuxadoError.SessionAborted, read.WaitAsync(s_atOnce));
        await _session.Completion.WaitAsync(s_atOnce);
    }

    [Test]
    public async Task The_session_ends_at_the_write_stall_limit()
    {
        var (ours, theirs) = MemoryDuplex.CreatePair(capacityBytes: 1_000);
        await using var peer = theirs;
        await using var session = MuxadoSession.CreateClient(
            ours, new MuxadoSessionOptions { WriteStallTimeout = TimeSpan.FromMilliseconds(300) });

        var write = session.OpenStream().WriteAsync(new byte[60_000]).AsTask();

        Assert.That((await session.Completion.Soon()).Error, Is.EqualTo(MuxadoError.TransportFailed).Or.EqualTo(MuxadoError.LimitExceeded));
        await Fails.With<MuxadoException>(write);
    }
}
