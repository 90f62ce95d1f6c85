using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>Frames that end the session: with the right code, a message that helps, and a reason for every pending operation.</summary>
/// <remarks>
/// Before each of them the peer opens its streams 0 and 2, which makes its stream 1 a skipped one, and the session opens its
/// stream 0.
/// </remarks>
public sealed class IllegalFrameTests(Role role) : ConformanceFixture(role)
{
    private static readonly byte[] s_undefinedTypes = [0, .. Enumerable.Range(7, 25).Select(type => (byte)type)];

    private static readonly (byte Flags, int Length)[] s_badSynLengths =
        [(0, 1), (0, 4), (0, 8), (2, 0), (2, 3), (2, 8), (4, 0), (4, 5), (4, 8), (6, 0), (6, 4), (6, 9), (6, 12), (0, 16_383)];

    [Test]
    public Task A_type_that_is_not_defined_ends_the_session(
        [ValueSource(nameof(s_undefinedTypes))] byte type, [Values] bool onOpenStream)
    {
        var id = onOpenStream ? Theirs(0) : 0;
        return ExpectErrorAsync(Frames.Raw(type, 0, id, 0), MuxadoErrorCode.ProtocolError, $"type {type} ", $"stream {id}");
    }

    [Test]
    public Task The_reserved_type_5_ends_the_session([Values] bool onOpenStream)
    {
        var id = onOpenStream ? Theirs(0) : 0;
        return ExpectErrorAsync(Frames.Raw((int)WireType.Pri, 0, id, 4), MuxadoErrorCode.ProtocolError, "frame PRI", $"stream {id}");
    }

    [Test]
    public Task A_type_is_judged_before_its_payload_has_come([Values(0, 5, 7, 31)] int type) =>
        ExpectErrorAsync(Frames.Raw(type, 0, Theirs(0), length: 16_383, []), MuxadoErrorCode.ProtocolError, $"stream {Theirs(0)}");

    [Test]
    public Task A_goaway_on_a_stream_ends_the_session() =>
        ExpectErrorAsync(
            Frames.Raw((int)WireType.GoAway, 0, Theirs(0), 8), MuxadoErrorCode.ProtocolError, $"frame GOAWAY on stream {Theirs(0)}");

    [Test]
    public Task A_syn_whose_length_does_not_fit_its_flags_ends_the_session(
        [ValueSource(nameof(s_badSynLengths))] (byte Flags, int Length) syn) =>
        ExpectErrorAsync(
            Frames.Raw((int)WireType.Syn, syn.Flags, Theirs(3), syn.Length),
            MuxadoErrorCode.FrameSizeError,
            $"frame SYN on stream {Theirs(3)}",
            $"{syn.Length}");

    [Test]
    public Task A_reset_whose_length_is_not_4_ends_the_session([Values(0, 1, 3, 5, 8, 16_383)] int length) =>
        ExpectErrorAsync(
            Frames.Raw((int)WireType.Rst, 0, Theirs(0), length),
            MuxadoErrorCode.FrameSizeError,
            $"frame RST on stream {Theirs(0)}",
            $"{length}");

    [Test]
    public Task Credit_whose_length_is_not_4_ends_the_session([Values(0, 1, 3, 5, 8, 16_383)] int length) =>
        ExpectErrorAsync(
            Frames.Raw((int)WireType.WndInc, 0, Theirs(0), length),
            MuxadoErrorCode.FrameSizeError,
            $"frame WND_INC on stream {Theirs(0)}",
            $"{length}");

    [Test]
    public Task A_goaway_shorter_than_8_ends_the_session([Range(0, 7)] int length, [Values] bool marked) =>
        ExpectErrorAsync(
            Frames.Raw((int)WireType.GoAway + (marked ? 0x20 : 0), 0, 0, length),
            MuxadoErrorCode.FrameSizeError,
            "frame GOAWAY",
            $"{length}");

    [Test]
    public Task A_length_is_judged_before_its_payload_has_come([Values(WireType.Rst, WireType.WndInc, WireType.Syn)] WireType type) =>
        ExpectErrorAsync(
            Frames.Raw((int)type, 0, Theirs(3), length: 16_383, []), MuxadoErrorCode.FrameSizeError, $"stream {Theirs(3)}");

    [Test]
    public Task A_stream_frame_on_id_0_ends_the_session(
        [Values(WireType.Syn, WireType.Data, WireType.Rst, WireType.WndInc)] WireType type)
    {
        var frame = Frames.Raw((int)type, 0, 0, type == WireType.Syn ? 0 : 4);
        return ExpectErrorAsync(frame, MuxadoErrorCode.ProtocolError, $"frame {NameOf(type)} on stream 0");
    }

    [Test]
    public Task A_stream_with_the_wrong_parity_ends_the_session([Values(0, 1, 50)] int index) =>
        ExpectErrorAsync(Frames.Syn(Ours(index)), MuxadoErrorCode.ProtocolError, $"frame SYN on stream {Ours(index)}");

    [Test]
    public async Task Stream_1_ends_the_session_though_it_is_the_first()
    {
        var (session, peer) = await ConnectAsync();

        await peer.SendAsync(Frames.Syn(1));

        var (info, _) = await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
        Assert.That(info.Exception!.Message, Does.Contain("frame SYN on stream 1"));
    }

    [Test]
    public Task A_stream_that_was_opened_already_ends_the_session([Values(0, 2)] int index) =>
        ExpectErrorAsync(Frames.Syn(Theirs(index)), MuxadoErrorCode.ProtocolError, $"frame SYN on stream {Theirs(index)}");

    [Test]
    public Task A_stream_below_the_highest_ends_the_session() =>
        ExpectErrorAsync(Frames.Syn(Theirs(1)), MuxadoErrorCode.ProtocolError, $"frame SYN on stream {Theirs(1)}");

    [Test]
    public Task A_frame_on_a_stream_that_the_peer_has_not_opened_ends_the_session(
        [Values(WireType.Data, WireType.Rst, WireType.WndInc)] WireType type, [Values(3, 1_000)] int index) =>
        ExpectErrorAsync(
            Frames.Raw((int)type, 0, Theirs(index), 4),
            MuxadoErrorCode.ProtocolError,
            $"frame {NameOf(type)} on stream {Theirs(index)}");

    [Test]
    public Task A_frame_on_a_stream_that_we_have_not_opened_ends_the_session(
        [Values(WireType.Data, WireType.Rst, WireType.WndInc)] WireType type, [Values(1, 1_000)] int index) =>
        ExpectErrorAsync(
            Frames.Raw((int)type, 0, Ours(index), 4),
            MuxadoErrorCode.ProtocolError,
            $"frame {NameOf(type)} on stream {Ours(index)}");

    [Test]
    public Task An_empty_fin_on_an_idle_stream_ends_the_session() =>
        ExpectErrorAsync(Frames.Fin(Theirs(3)), MuxadoErrorCode.ProtocolError, $"frame DATA on stream {Theirs(3)}");

    private static string NameOf(WireType type) => type switch
    {
        WireType.Syn => "SYN",
        WireType.Rst => "RST",
        WireType.Data => "DATA",
        WireType.WndInc => "WND_INC",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private async Task ExpectErrorAsync(WireFrame frame, MuxadoErrorCode code, params string[] said)
    {
        var (session, peer) = await ConnectAsync();
        var (opened, _) = await OpenAsync(session, peer);
        await peer.SendAsync(Frames.Syn(Theirs(0)), Frames.Data(Theirs(0), "hello"), Frames.Syn(Theirs(2)));
        var stream = await AcceptAsync(session);
        await AcceptAsync(session);
        var accept = session.AcceptStreamAsync();
        var read = opened.ReadAsync(new byte[1]);
        var write = opened.WriteAsync(Pattern.Bytes(InitialWindow + 1));
        await peer.ExpectDataAsync(opened.Id, InitialWindow);

        await peer.SendAsync(frame);

        var (info, goAway) = await ExpectSessionErrorAsync(session, peer, code);
        Assert.That(goAway.LastId, Is.EqualTo(Theirs(2)));
        Assert.That(info.Exception!.Message, Does.Contain(goAway.Debug), "the peer is told what we tell");
        Assert.That(goAway.Debug, Does.Contain(said[0]));
        foreach (var words in said)
            Assert.That(info.Exception.Message, Does.Contain(words));

        foreach (var pending in (Task[])[accept.AsTask(), read.AsTask(), write.AsTask()])
        {
            var failure = await pending.FailsSoon();
            Assert.That(failure.Error, Is.EqualTo(MuxadoError.ProtocolViolation));
            Assert.That(failure.Message, Does.Contain(said[^1]));
        }
        Assert.That(await ReadTextAsync(stream, 5), Is.EqualTo("hello"), "what came before the end may still be read");
        Assert.That((await stream.ReadAsync(new byte[1]).FailsSoon()).Error, Is.EqualTo(MuxadoError.ProtocolViolation));
    }
}
