using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>A GOAWAY's length may lie: which of its announced bytes are there to be read.</summary>
public sealed class GoAwayFormTests(Role role) : ConformanceFixture(role)
{
    [Test]
    public Task A_marked_goaway_is_honest([Values(0, 1, 7, 8, 100, 1_024)] int debugBytes)
    {
        var debug = new string('d', debugBytes);
        return ExpectUnderstoodAsync(Frames.GoAway(0, 3, debug), debug);
    }

    [Test]
    public Task An_unmarked_goaway_of_8_to_15_bytes_is_literal([Range(0, 7)] int debugBytes)
    {
        var debug = new string('d', debugBytes);
        return ExpectUnderstoodAsync(Frames.PlainGoAway(0, 3, debug), debug);
    }

    [Test]
    public Task An_unmarked_goaway_of_16_bytes_or_more_has_only_8([Values(0, 1, 15, 16_000)] int debugBytes) =>
        ExpectUnderstoodAsync(Frames.GoGoAway(0, 3, debugBytes), "");

    [Test]
    public Task Every_reserved_bit_of_a_goaway_but_the_mark_is_ignored([Values] bool isMarked)
    {
        const ulong Bits = 0xC000_FFC0_8000_0000;
        return ExpectUnderstoodAsync((isMarked ? Frames.GoAway(0, 3, "why") : Frames.PlainGoAway(0, 3, "why")).WithHeaderBits(Bits), "why");
    }

    [Test]
    public Task A_strict_session_takes_every_length_at_its_word([Values(0, 7, 8, 100)] int debugBytes)
    {
        var debug = new string('d', debugBytes);
        return ExpectUnderstoodAsync(Frames.PlainGoAway(0, 3, debug), debug, options => options.StrictGoAway = true);
    }

    [Test]
    public Task Debug_bytes_past_a_kibibyte_are_dropped()
    {
        var debug = new string('d', 1_024);
        return ExpectUnderstoodAsync(Frames.GoAway(0, 3, debug + "and more than that"), debug);
    }

    [Test]
    public async Task The_last_of_several_goaways_is_reported()
    {
        var (session, peer) = await ConnectAsync();

        await peer.SendAsync(Frames.GoAway(0, 0, "soon"), Frames.GoAway(0, 7, "now"));
        peer.EndSending();

        var info = await session.Completion.Soon();
        Assert.That(info.PeerCode, Is.EqualTo(MuxadoErrorCode.Cancel));
        Assert.That(info.PeerDebug.ToArray(), Is.EqualTo(Bytes("now")));
    }

    [Test]
    public async Task The_eight_bytes_are_acted_on_before_the_debug_bytes_come()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, _) = await OpenAsync(session, peer);
        var goAway = Frames.GoAway(0, 0, "a long story").Bytes;

        await peer.SendBytesAsync(goAway[..16]);

        Assert.That((await stream.ReadAsync(new byte[1]).FailsSoon()).Error, Is.EqualTo(MuxadoError.GoingAway));
        await peer.SendBytesAsync(goAway[16..]);
        await peer.ExpectQuietAsync();
    }

    [Test]
    public async Task An_end_within_the_debug_bytes_is_a_clean_end()
    {
        var (session, peer) = await ConnectAsync();

        await peer.SendBytesAsync(Frames.GoAway(0, 0, "a long story").Bytes[..20]);
        peer.EndSending();

        var info = await session.Completion.Soon();
        Assert.That(info.Error, Is.EqualTo(MuxadoError.None));
        Assert.That(info.PeerCode, Is.EqualTo(MuxadoErrorCode.NoError));
    }

    [Test]
    public async Task A_lying_goaway_may_come_byte_by_byte()
    {
        var (session, peer) = await ConnectAsync();

        await peer.SendByteByByteAsync(Frames.GoGoAway(0, 0, 15), Frames.Syn(Theirs(0)), Frames.DataFin(Theirs(0), "after"));

        Assert.That(await ReadToEndAsync(await AcceptAsync(session)), Is.EqualTo(Bytes("after")));
    }

    /// <summary>The frame after the GOAWAY has to parse, and the completion to report what the GOAWAY said.</summary>
    private async Task ExpectUnderstoodAsync(WireFrame goAway, string debug, Action<MuxadoSessionOptions>? configure = null)
    {
        var (session, peer) = await ConnectAsync(configure);

        await peer.SendAsync(goAway, Frames.Syn(Theirs(0)), Frames.DataFin(Theirs(0), "after"));
        peer.EndSending();

        Assert.That(await ReadToEndAsync(await AcceptAsync(session)), Is.EqualTo(Bytes("after")));
        var info = await session.Completion.Soon();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(info.Error, Is.EqualTo(MuxadoError.SessionClosed));
            Assert.That(info.PeerCode, Is.EqualTo(MuxadoErrorCode.FlowControlError));
            Assert.That(info.PeerDebug.ToArray(), Is.EqualTo(Bytes(debug)));
        }
    }
}
