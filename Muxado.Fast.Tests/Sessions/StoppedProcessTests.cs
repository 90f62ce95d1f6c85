using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>This process stands still for a while, as a frozen container does, and goes on. That says nothing about the peer.</summary>
public sealed class StoppedProcessTests(Role role) : ConformanceFixture(role)
{
    private static readonly TimeSpan s_stop = TimeSpan.FromMinutes(10);

    private readonly ManualTimeProvider _clock = new();

    [Test]
    public async Task A_send_that_was_under_way_has_not_stalled_for_that_but_does_if_the_peer_still_takes_nothing()
    {
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = _clock);
        var (_, write) = await FillTheTransportAsync(session, peer);

        _clock.Leap(s_stop);
        Assert.That(session.Completion.IsCompleted, Is.False);
        _clock.Advance(TimeSpan.FromSeconds(0.9));
        Assert.That(session.Completion.IsCompleted, Is.False);
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        await ExpectCompletionAsync(session, MuxadoError.TransportFailed);
        await write.FailsSoon();
    }

    [Test]
    public async Task A_frame_whose_rest_lies_unread_is_not_late_but_is_if_it_still_does_not_come([Values] bool comes)
    {
        var (session, peer) = await ConnectAsync(options => options.TimeProvider = _clock);
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await SendPartAsync(peer, stream, Frames.Raw((int)WireType.Data, 0, id, length: 2, "x"u8).Bytes);

        _clock.Leap(s_stop);
        Assert.That(session.Completion.IsCompleted, Is.False);
        if (comes)
        {
            await peer.SendBytesAsync("y"u8.ToArray());
            Assert.That(await ReadTextAsync(stream, 1), Is.EqualTo("y"));
            _clock.Advance(s_stop);
            await peer.PingAsync();
        }
        else
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await ExpectSessionErrorAsync(session, peer, MuxadoErrorCode.ProtocolError);
        }
    }
}
