using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>A thread that sends also sends what others queue meanwhile, but not for good: its caller wants to go on.</summary>
public sealed class SendSliceTests
{
    private const int Writes = 1_000;
    private const int FrameBytes = 9; // Of one byte of data.

    private static readonly TimeSpan s_send = TimeSpan.FromMilliseconds(0.1);
    private static readonly TimeSpan s_most = TimeSpan.FromMilliseconds(1.5);

    private readonly ManualTimeProvider _clock = new();
    private readonly QueuedWork _work = new();

    [Test]
    public void What_others_keep_queuing_is_sent_by_many_threads_for_a_millisecond_each()
    {
        var transport = new WatchedTransport();
        var session = MuxadoSession.CreateOver(transport, isClient: true, new MuxadoSessionOptions
        {
            HeartbeatInterval = Timeout.InfiniteTimeSpan,
            TimeProvider = _clock,
            Scheduler = _work,
        });
        var (one, other) = (session.OpenHandle(), session.OpenHandle());
        Longest(); // What a session begins with.

        var left = Writes;
        transport.Offered.Clear();
        transport.AtSend = () =>
        {
            _clock.Advance(s_send);
            if (left-- > 0)
                Assert.That(other.TryWrite([1], out _));
        };
        var before = _clock.GetTimestamp();
        Assert.That(one.TryWrite([0], out _));

        Assert.That(_clock.GetElapsedTime(before), Is.LessThan(s_most), "the writer's own call");
        Assert.That(Longest(), Is.LessThan(s_most), "each of those that went on with it");
        Assert.That(left, Is.Negative, "all is queued");
        Assert.That(transport.Offered.Sum(), Is.GreaterThanOrEqualTo((Writes + 1) * FrameBytes), "and has left");
        session.Abort();
        Longest();
    }

    [Test]
    public void Reading_that_was_paused_for_answers_goes_on_though_the_slice_ends_with_them()
    {
        var transport = new WatchedTransport();
        var session = MuxadoSession.CreateOver(transport, isClient: true, new MuxadoSessionOptions
        {
            HeartbeatInterval = Timeout.InfiniteTimeSpan,
            MaxQueuedControlFrames = 1,
            AcceptBacklog = 1,
            TimeProvider = _clock,
            Scheduler = _work,
        });
        Longest();
        var sends = 0;
        transport.AtSend = () =>
        {
            // While the first batch is sent, one stream is refused; the answer is the second batch, and takes too long.
            if (++sends == 1)
                transport.Feed([.. Frames.Syn(2).Bytes.Span, .. Frames.Syn(4).Bytes.Span, .. Frames.Data(2, "x").Bytes.Span]);
            else
                _clock.Advance(2 * s_most);
        };
        Assert.That(session.OpenHandle().TryWrite([0], out _));
        Assert.That(sends, Is.EqualTo(2));
        Longest();

        Assert.That(session.GetSnapshot().IsReadingPaused, Is.False);
        Assert.That(transport.IsReceiving, "and it reads");
        session.Abort();
        Longest();
    }

    /// <summary>Does the session's work to its end, and returns how long the longest piece of it took.</summary>
    private TimeSpan Longest()
    {
        var longest = TimeSpan.Zero;
        while (_work.TryTake(out var work))
        {
            var before = _clock.GetTimestamp();
            work.Execute();
            var took = _clock.GetElapsedTime(before);
            longest = took > longest ? took : longest;
        }

        return longest;
    }
}
