using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>The credit that we give the peer.</summary>
public sealed class ReceiveWindowTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public async Task A_peer_may_fill_the_window_of_a_stream_that_nobody_reads()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);

        await peer.SendAsync(Frames.Bulk(id, Pattern.Bytes(InitialWindow)));
        await peer.ExpectQuietAsync();

        Assert.That(peer.CreditFor(id), Is.Zero);
        Assert.That(await ReadAsync(stream, InitialWindow), Is.EqualTo(Pattern.Bytes(InitialWindow)));
    }

    [Test]
    public async Task A_byte_over_the_grant_resets_the_stream_with_3_and_the_next_frame_parses(
        [Values(1, 5, WireFrame.MaxPayloadBytes)] int lastFrameBytes, [Values] bool weOpened)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await StartAsync(session, peer, weOpened);
        var content = Pattern.Bytes(InitialWindow + 1);

        await peer.SendAsync(
        [
            .. Frames.Bulk(id, content[..^lastFrameBytes]),
            Frames.Data(id, content[^lastFrameBytes..]),
            Frames.Syn(Theirs(1)),
            Frames.Data(Theirs(1), "next"),
        ]);

        await peer.ExpectAsync(Frames.Rst(id, 3));
        Assert.That(await ReadTextAsync(await AcceptAsync(session), 4), Is.EqualTo("next"));
        await peer.SendAsync(Frames.Data(id, "more"));
        await peer.ExpectQuietOnAsync(id);
        Assert.That(await ReadAsync(stream, content.Length - lastFrameBytes), Is.EqualTo(content[..^lastFrameBytes]), "what kept to the grant");
        Assert.That((await stream.ReadAsync(new byte[1]).FailsSoon()).ErrorCode, Is.EqualTo(MuxadoErrorCode.FlowControlError));
        var failure = await stream.WriteAsync(Bytes("answer")).FailsSoon();
        Assert.That(failure.ErrorCode, Is.EqualTo(MuxadoErrorCode.FlowControlError));
        Assert.That(failure.Message, Does.Contain($"tream {id}"));
    }

    [Test]
    public async Task A_frame_far_over_the_grant_is_discarded_whole()
    {
        var (session, peer) = await ConnectAsync();
        var (_, id) = await AcceptFirstAsync(session, peer);

        // The excess looks like a reset of a stream that was never opened, which would end the session if it were parsed.
        byte[] smuggled = [.. Enumerable.Repeat(Frames.Rst(Theirs(500), 7).Bytes.ToArray(), 1_000).SelectMany(bytes => bytes)];
        await peer.SendAsync([.. Frames.Bulk(id, Pattern.Bytes(InitialWindow)), Frames.Data(id, smuggled)]);

        await peer.ExpectAsync(Frames.Rst(id, 3));
        await peer.ExpectQuietAsync();
        Assert.That(session.Completion.IsCompleted, Is.False);
    }

    [Test]
    public async Task A_reader_that_drained_everything_has_given_all_credit_back_before_it_blocks(
        [Values(1, 1_000, 30_000)] int count, [Values] bool isSynchronous)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Bulk(id, Pattern.Bytes(count)));
        await ReadAsync(stream, count);

        var blocked = isSynchronous ? Task.Run(() => stream.Read(new byte[1])) : stream.ReadAsync(new byte[1]).AsTask();

        await peer.ExpectCreditAsync(id, count);
        Assert.That(peer.CreditFor(id), Is.EqualTo(count), "below half a window nothing makes the window grow");
        await peer.SendAsync(Frames.Data(id, "x"));
        Assert.That(await blocked.Soon(), Is.EqualTo(1));
    }

    [Test]
    public async Task Credit_comes_back_at_half_a_window_though_the_reader_does_not_drain()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Bulk(id, Pattern.Bytes(InitialWindow)));

        await ReadAsync(stream, InitialWindow / 2);

        await peer.ExpectCreditAsync(id, InitialWindow / 2);
    }

    [Test]
    public async Task No_credit_is_given_after_fin()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        var content = Pattern.Bytes(InitialWindow);
        await peer.SendAsync([.. Frames.Bulk(id, content), Frames.Fin(id)]);
        await peer.ExpectQuietAsync();

        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(content));
        clock.Advance(TimeSpan.FromSeconds(1));

        await peer.ExpectQuietAsync();
        Assert.That(peer.CreditFor(id), Is.Zero);
    }

    [Test]
    public async Task Credit_that_was_owed_when_fin_came_is_not_given()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.Data(id, "hello"));
        Assert.That(await ReadTextAsync(stream, 5), Is.EqualTo("hello"));
        var blocked = stream.ReadAsync(new byte[1]);

        await peer.SendAsync(Frames.Fin(id));
        Assert.That(await blocked.Soon(), Is.Zero);
        clock.Advance(TimeSpan.FromSeconds(1));

        await peer.ExpectQuietAsync();
        Assert.That(peer.CreditFor(id), Is.Zero);
    }

    [Test]
    public async Task What_was_granted_may_be_sent_and_not_a_byte_more()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => (options.TimeProvider, options.MaxReceiveWindow) = (clock, 256 * 1024));
        var (stream, id) = await AcceptFirstAsync(session, peer);
        var sent = 0;
        for (var round = 0; round < 20; round++)
            sent += await SendWhatWasGrantedAsync(stream, peer, clock, sent);
        await peer.ExpectQuietAsync();

        var rest = InitialWindow + (int)peer.CreditFor(id) - sent;
        await peer.SendAsync(Frames.Bulk(id, Pattern.Bytes(rest)));
        await peer.ExpectQuietAsync();
        await peer.SendAsync(Frames.Data(id, "x"));

        await peer.ExpectAsync(Frames.Rst(id, 3));
    }

    [Test]
    public async Task The_window_never_grows_past_its_maximum()
    {
        const int Maximum = 128 * 1024;
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => (options.TimeProvider, options.MaxReceiveWindow) = (clock, Maximum));
        var (stream, _) = await AcceptFirstAsync(session, peer);
        var sent = 0;
        var largest = 0;
        for (var round = 0; round < 20; round++)
        {
            var granted = await SendWhatWasGrantedAsync(stream, peer, clock, sent);
            largest = Math.Max(largest, granted);
            sent += granted;
        }
        Assert.That(largest, Is.GreaterThan(InitialWindow).And.AtMost(Maximum));
    }

    /// <summary>
    /// Sends as much as the window lets pass and reads it: a reader that keeps up, which gives the window reason to grow. The
    /// clock moves so that no credit stays behind for later.
    /// </summary>
    private static async Task<int> SendWhatWasGrantedAsync(MuxadoStream stream, RawPeer peer, ManualTimeProvider clock, int sent)
    {
        const int ReadBytes = 8 * 1024;
        var granted = InitialWindow + (int)peer.CreditFor(stream.Id) - sent;
        await peer.SendAsync(Frames.Bulk(stream.Id, Pattern.Bytes(granted)));
        for (var read = 0; read < granted; read += ReadBytes)
            await Pattern.VerifyAsync(stream, Math.Min(ReadBytes, granted - read), from: read);
        clock.Advance(TimeSpan.FromSeconds(1));
        await peer.ExpectQuietAsync();
        return granted;
    }
}
