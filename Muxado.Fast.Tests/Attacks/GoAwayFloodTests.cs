using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>GOAWAY after GOAWAY, each with as much debug text as a frame holds.</summary>
public sealed class GoAwayFloodTests(Role role) : AttackFixture(role)
{
    private const int KeptBytes = 1024;

    [Test]
    public async Task Sixteen_are_taken_with_a_kibibyte_kept_and_the_17th_ends_the_session()
    {
        var (session, peer) = await ConnectAsync();
        var text = new string('d', WireFrame.MaxPayloadBytes - 8);
        for (var n = 0; n < 16; n++)
            await peer.SendAsync(Frames.GoAway(0, 7, text));
        await peer.ExpectQuietAsync();

        await peer.SendAsync(Frames.GoAway(0, 7, text));

        var goAway = await peer.ExpectGoAwayAsync((uint)MuxadoErrorCode.ProtocolError);
        await peer.ExpectEndAsync();
        peer.EndSending();
        var info = await session.Completion.Soon();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(info.Error, Is.EqualTo(MuxadoError.ProtocolViolation));
            Assert.That(info.LocalCode, Is.EqualTo(MuxadoErrorCode.ProtocolError));
            Assert.That(info.PeerCode, Is.EqualTo(MuxadoErrorCode.Cancel));
            Assert.That(info.PeerDebug.Length, Is.EqualTo(KeptBytes));
            Assert.That(info.Exception!.Message, Does.Contain("GOAWAY: more than 16"));
            Assert.That(goAway.Debug, Does.Contain("more than 16"));
        }
    }

    [Test]
    public async Task Debug_text_that_trickles_in_is_kept_up_to_a_kibibyte_too()
    {
        var (session, peer) = await ConnectAsync();
        await peer.SendByteByByteAsync(Frames.GoAway(0, 0, new string('d', 3 * KeptBytes)));
        await peer.ExpectQuietAsync();

        peer.EndSending();

        Assert.That((await session.Completion.Soon()).PeerDebug.Length, Is.EqualTo(KeptBytes));
    }
}
