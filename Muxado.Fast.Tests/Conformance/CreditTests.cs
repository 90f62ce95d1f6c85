using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>WND_INC that gives nothing, or more than a window can hold.</summary>
public sealed class CreditTests(Role role) : ConformanceFixture(role)
{
    private const uint MaxWindow = int.MaxValue;

    [Test]
    public async Task Credit_of_0_is_ignored([Values] bool weOpened)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await StartAsync(session, peer, weOpened);
        var write = stream.WriteAsync(Pattern.Bytes(InitialWindow + 1)).AsTask();
        await peer.ExpectDataAsync(id, InitialWindow);

        await peer.SendAsync(Frames.WndInc(id, 0), Frames.WndInc(id, 0x8000_0000));

        await peer.ExpectQuietOnAsync(id);
        Assert.That(write.IsCompleted, Is.False);
    }

    [Test]
    public async Task Credit_of_0_is_counted_and_the_1025th_at_once_ends_the_session()
    {
        var clock = new ManualTimeProvider();
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = clock);
        var (_, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync([.. Enumerable.Repeat(Frames.WndInc(id, 0), 1_024)]);
        await peer.ExpectQuietAsync();

        await peer.SendAsync(Frames.WndInc(id, 0));

        var (info, _) = await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
        Assert.That(info.Exception!.Message, Does.Contain("too many"));
    }

    [Test]
    public async Task The_top_bit_of_credit_is_ignored()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var write = stream.WriteAsync(Pattern.Bytes(InitialWindow + 2)).AsTask();
        await peer.ExpectDataAsync(id, InitialWindow);

        await peer.SendAsync(Frames.WndInc(id, 0x8000_0001));

        await peer.ExpectDataAsync(id, 1);
        await peer.ExpectQuietOnAsync(id);
        Assert.That(write.IsCompleted, Is.False);
    }

    [Test]
    public async Task A_window_may_grow_to_2_to_the_31_minus_1([Values] bool weOpened, [Values(0, 1, InitialWindow)] int used)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await StartAsync(session, peer, weOpened);
        await stream.WriteAsync(Pattern.Bytes(used)).Soon();
        await peer.ExpectDataAsync(id, used);

        await peer.SendAsync(Frames.WndInc(id, MaxWindow - InitialWindow + (uint)used));

        await peer.ExpectQuietAsync();
        await stream.WriteAsync(Bytes("fine")).Soon();
        await peer.ExpectAsync(Frames.Data(id, "fine"));
    }

    [Test]
    public async Task A_window_past_2_to_the_31_minus_1_resets_the_stream_with_3_and_the_session_lives(
        [Values] bool weOpened, [Values(0, 1, InitialWindow)] int used)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await StartAsync(session, peer, weOpened);
        await stream.WriteAsync(Pattern.Bytes(used)).Soon();
        await peer.ExpectDataAsync(id, used);

        await peer.SendAsync(Frames.WndInc(id, MaxWindow - InitialWindow + (uint)used), Frames.WndInc(id, 1), Frames.WndInc(id, MaxWindow));

        await peer.ExpectAsync(Frames.Rst(id, 3));
        await peer.ExpectQuietOnAsync(id);
        await ExpectFlowControlErrorAsync(stream);
    }

    [Test]
    public async Task A_single_credit_past_the_limit_resets_the_stream_with_3([Values(MaxWindow, MaxWindow - InitialWindow + 1)] uint credit)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var read = stream.ReadAsync(new byte[1]);

        await peer.SendAsync(Frames.WndInc(id, credit));

        await peer.ExpectAsync(Frames.Rst(id, 3));
        Assert.That((await read.FailsSoon()).ErrorCode, Is.EqualTo(MuxadoErrorCode.FlowControlError));
        await ExpectFlowControlErrorAsync(stream);
        await peer.ExpectQuietOnAsync(id);
    }

    private static async Task ExpectFlowControlErrorAsync(MuxadoStream stream)
    {
        var failure = await stream.WriteAsync(Bytes("no more")).FailsSoon();
        Assert.That(failure.ErrorCode, Is.EqualTo(MuxadoErrorCode.FlowControlError));
        Assert.That(failure.Message, Does.Contain($"tream {stream.Id}"));
    }
}
