using System.Diagnostics;
using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>A peer may leave ids out, and so choose them: against tables that grow with the ids, or hash them badly.</summary>
public sealed class StreamIdTests(Role role) : AttackFixture(role)
{
    [Test]
    public async Task Ids_that_are_far_apart_take_no_more_memory_than_others()
    {
        const int Streams = 100; // So many that what else the process comes to hold meanwhile does not count.
        const int Stride = 0x0140_0000;
        var highest = SessionIsClient ? 0x7FFF_FFFEu : 0x7FFF_FFFFu;
        var (session, peer) = await ConnectAsync();
        await peer.SendAsync(Frames.Syn(Theirs(0)));
        await AcceptAsync(session);
        var before = LiveBytes();

        for (var n = Streams - 1; n >= 0; n--)
        {
            await peer.SendAsync(Frames.Syn(highest - (uint)(n * Stride)));
            await AcceptAsync(session);
        }

        var bytesPerStream = (LiveBytes() - before) / Streams;
        TestContext.Out.WriteLine($"{bytesPerStream} B per stream");
        Assert.That(bytesPerStream, Is.LessThan(2048));
    }

    [Test]
    public async Task Frames_of_streams_with_chosen_ids_are_taken_at_half_the_rate_of_others_or_better()
    {
        const int Live = 1000;
        const int FramesPerSlice = 20 * Live;
        const int Stride = 1 << 20; // Equal modulo any power of two up to this one, and as far apart as so many ids can be.

        await CompareAsync(await OpenAsync(stride: 1), await OpenAsync(Stride), slices: 60);

        async Task<Func<Action>> OpenAsync(int stride)
        {
            var (_, peer) = await ConnectAsync();
            await peer.SendAsync(Frames.Heartbeat(Theirs(0)));
            await peer.SendBytesAsync(peer.Flood(Live, n => [Frames.Syn(Theirs((n + 1) * stride))]));
            var flood = peer.Flood(FramesPerSlice, n => [Frames.Data(Theirs(((n % Live) + 1) * stride), [1])]);
            return () => () =>
            {
                peer.SendNow(flood);
                peer.PingNow(Beat);
            };
        }
    }

    [Test]
    public async Task Streams_with_chosen_ids_come_and_go_at_half_the_rate_of_others_or_better_and_leave_nothing()
    {
        const int StreamsPerSlice = 3000;
        const int Stride = 1 << 14;
        var sessions = new List<MuxadoSession>();
        var plain = await ServeAsync(stride: 1);
        var chosen = await ServeAsync(Stride);
        var before = LiveBytes();

        await CompareAsync(plain, chosen, slices: 9); // Each takes ids, of which there are only so many that far apart.

        Assert.That(LiveBytes() - before, Is.LessThan(2 * 1024 * 1024), "memory follows the streams that live, not those that have lived");
        Assert.That(sessions.Sum(session => session.GetSnapshot().ResetsSent), Is.Zero, "no stream was turned away");

        async Task<Func<Action>> ServeAsync(int stride)
        {
            var (session, peer) = await ConnectAsync(options => options.AcceptBacklog = options.MaxInboundStreams = StreamsPerSlice);
            sessions.Add(session);
            await peer.SendAsync(Frames.Heartbeat(Theirs(0)));
            _ = Task.Run(() => DisposeAllAsync(session));
            var next = 1;
            return () =>
            {
                var first = next;
                next += StreamsPerSlice;
                var flood = peer.Flood(StreamsPerSlice, n => [Frames.Syn(Theirs((first + n) * stride)), Frames.Fin(Theirs((first + n) * stride))]);
                return () =>
                {
                    peer.SendNow(flood);
                    peer.PingNow(Beat); // The echo comes when every stream has: before that, none would be active either.
                    Assert.That(SpinWait.SpinUntil(() => session.ActiveStreams == 0, 10_000), "every stream has ended");
                };
            };
        }
    }

    private byte[] Beat => Frames.Data(Theirs(0), new byte[4]).Bytes.ToArray();

    private static async Task DisposeAllAsync(MuxadoSession session)
    {
        try
        {
            while (true)
                (await session.AcceptHandleAsync()).Dispose();
        }
        catch (MuxadoException)
        {
            // The session has ended.
        }
    }

    /// <summary>Times slices of the one and of the other in turn, and compares the least disturbed of each: what else the machine does only adds.</summary>
    private static Task CompareAsync(Func<Action> prepareUsual, Func<Action> prepareChosen, int slices) => Apart(() =>
    {
        Time(prepareUsual());
        Time(prepareChosen());
        var (usual, chosen) = (double.MaxValue, double.MaxValue);
        for (var n = 0; n < slices; n++)
        {
            usual = Math.Min(usual, Time(prepareUsual()));
            chosen = Math.Min(chosen, Time(prepareChosen()));
        }

        TestContext.Out.WriteLine($"{chosen:F2} ms with chosen ids, {usual:F2} ms with others");
        Assert.That(chosen, Is.LessThanOrEqualTo(2 * usual));
    });

    private static double Time(Action slice)
    {
        var start = Stopwatch.GetTimestamp();
        slice();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
