using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>User code that blocks inside a receive drain holds up nobody for long, whatever it has just made ready.</summary>
public sealed class BlockedContinuationTests(Role role) : ConformanceFixture(role)
{
    [Test]
    [CancelAfter(10_000)]
    public async Task What_a_continuation_ends_before_it_blocks_is_not_stranded_behind_it(CancellationToken cancellationToken)
    {
        var (session, peer) = await ConnectAsync();
        var (waker, wakerId) = await OpenAsync(session, peer);
        var (other, _) = await OpenAsync(session, peer);
        var reading = other.ReadAsync(new byte[1], CancellationToken.None).AsTask();
        var blocking = BlockAsync();

        await peer.SendAsync(Frames.Data(wakerId, "x"));

        Assert.That(await blocking.WaitAsync(cancellationToken), Is.True, "the disposed stream's read ended while the continuation blocked");
        Assert.That(() => reading, Throws.InstanceOf<ObjectDisposedException>());

        async Task<bool> BlockAsync()
        {
            await waker.ReadAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
            other.Dispose();
            return ((IAsyncResult)reading).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(3));
        }
    }

    [TestCase(1)]
    [TestCase(40_000)]
    [CancelAfter(10_000)]
    public async Task What_a_continuation_writes_before_it_blocks_is_sent_although_a_stream_waits_to_be_accepted(int bytes, CancellationToken cancellationToken)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.Syn(Theirs(0)));
        await Timing.Until(() => session.GetSnapshot().QueuedStreams == 1, "a stream waits that nobody accepts");
        using var hasCome = new ManualResetEventSlim();
        var blocking = AskAsync();

        await peer.SendAsync(Frames.Data(id, "x"));

        for (var left = bytes; left > 0;)
            left -= (await peer.ReceiveAsync("what was written"))!.Payload.Length;
        hasCome.Set();
        Assert.That(await blocking.WaitAsync(cancellationToken), Is.True, "the peer had it while the continuation blocked");

        async Task<bool> AskAsync()
        {
            await stream.ReadAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
            var writing = stream.WriteAsync(new byte[bytes], CancellationToken.None).AsTask();
            return hasCome.Wait(TimeSpan.FromSeconds(3), CancellationToken.None) && writing.Wait(TimeSpan.FromSeconds(3), CancellationToken.None);
        }
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task A_write_that_blocks_its_thread_waits_for_nothing_that_this_thread_would_have_to_do(
        [Values] MuxadoScheduling scheduling, [Values(100, 4_000, 40_000)] int bytes, CancellationToken cancellationToken)
    {
        var (session, peer) = await ConnectAsync(options => options.Scheduling = scheduling);
        var (stream, id) = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.Syn(Theirs(0)));
        await Timing.Until(() => session.GetSnapshot().QueuedStreams == 1, "a stream waits that nobody accepts");
        var writing = WriteAsync();

        await peer.SendAsync(Frames.Data(id, "x"));

        await writing.WaitAsync(cancellationToken);

        async Task WriteAsync()
        {
            await stream.ReadAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
            stream.Write(new byte[bytes]);
        }
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task What_blocks_a_continuation_may_come_when_nothing_else_does([Values] MuxadoScheduling scheduling, [Values] bool writes, CancellationToken cancellationToken)
    {
        const int Bytes = 200_000;
        var (session, peer) = await ConnectAsync(options => options.Scheduling = scheduling);
        var (stream, id) = await OpenAsync(session, peer);
        var blocking = BlockAsync();

        await peer.SendAsync(Frames.Data(id, "x"));
        if (writes)
        {
            await peer.ExpectDataAsync(id, InitialWindow);
            await Task.Delay(100, cancellationToken);
            await peer.SendAsync(Frames.WndInc(id, Bytes));
            await peer.ExpectDataAsync(id, Bytes - InitialWindow);
        }
        else
        {
            await Task.Delay(100, cancellationToken);
            await peer.SendAsync(Frames.Data(id, "y"));
        }

        await blocking.WaitAsync(cancellationToken);

        async Task BlockAsync()
        {
            await stream.ReadAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
            if (writes)
                stream.Write(new byte[Bytes]);
            else
                Assert.That(stream.ReadByte(), Is.EqualTo((int)'y'));
        }
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task When_a_continuation_ends_its_session_those_behind_it_do_not_hold_up_each_other(CancellationToken cancellationToken)
    {
        var (session, peer) = await ConnectAsync();
        using var hasSecondBegun = new ManualResetEventSlim();
        using var hasThirdBegun = new ManualResetEventSlim();
        List<(MuxadoStream Stream, uint Id)> streams = [await OpenAsync(session, peer), await OpenAsync(session, peer), await OpenAsync(session, peer)];
        Task<bool>[] readers =
        [
            ContinueAsync(streams[0].Stream, () =>
            {
                session.Abort();
                return hasSecondBegun.Wait(TimeSpan.FromSeconds(3), CancellationToken.None);
            }),
            ContinueAsync(streams[1].Stream, () =>
            {
                hasSecondBegun.Set();
                return hasThirdBegun.Wait(TimeSpan.FromSeconds(3), CancellationToken.None);
            }),
            ContinueAsync(streams[2].Stream, () =>
            {
                hasThirdBegun.Set();
                return true;
            }),
        ];

        await peer.SendAsync([.. streams.Select(stream => Frames.Data(stream.Id, "x"))]);

        Assert.That(await Task.WhenAll(readers).WaitAsync(cancellationToken), Is.EqualTo(new[] { true, true, true }));

        static async Task<bool> ContinueAsync(MuxadoStream stream, Func<bool> act)
        {
            try
            {
                await stream.ReadAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
            }
            catch (MuxadoException)
            {
                // The session had ended before.
            }

            return act();
        }
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task When_a_session_ends_a_continuation_that_blocks_holds_up_no_other(CancellationToken cancellationToken)
    {
        var (session, peer) = await ConnectAsync();
        using var gate = new ManualResetEventSlim();
        using var ended = new SemaphoreSlim(0);
        var readers = new List<Task>();
        for (var i = 0; i < 3; i++)
            readers.Add(ReadThenBlockAsync((await OpenAsync(session, peer)).Stream));

        peer.Dispose();
        for (var i = 0; i < readers.Count; i++)
            Assert.That(await ended.WaitAsync(TimeSpan.FromSeconds(3), cancellationToken), Is.True, $"only {i} of {readers.Count} readers were told");

        gate.Set();
        await Task.WhenAll(readers).WaitAsync(cancellationToken);

        async Task ReadThenBlockAsync(MuxadoStream stream)
        {
            try
            {
                await stream.ReadAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
            }
            catch (MuxadoException)
            {
                ended.Release();
                gate.Wait(TimeSpan.FromSeconds(8), CancellationToken.None);
            }
        }
    }
}
