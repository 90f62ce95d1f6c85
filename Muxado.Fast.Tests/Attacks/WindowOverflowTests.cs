using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>
/// More than the window allows, from the first byte on (CVE-2026-31814, CVE-2026-32314), and frames hidden in what is thrown away.
/// (What the application sees of it is in <see cref="ReceiveWindowTests"/>.)
/// </summary>
public sealed class WindowOverflowTests(Role role) : AttackFixture(role)
{
    [Test]
    public async Task A_stream_that_opens_with_too_much_data_is_reset_and_never_surfaces()
    {
        var (session, peer) = await ConnectAsync();
        var accept = session.AcceptStreamAsync().AsTask();
        await peer.SendAsync(Frames.Syn(Theirs(0)));
        var first = await accept.Soon();

        await peer.SendAsync(
        [
            Frames.Syn(Theirs(1)),
            .. Frames.Bulk(Theirs(1), new byte[5 * WireFrame.MaxPayloadBytes]),
            Frames.Syn(Theirs(2)),
            Frames.DataFin(Theirs(2), "next"),
        ]);

        await peer.ExpectAsync(Frames.Rst(Theirs(1), 3));
        var next = await AcceptAsync(session);
        Assert.That(next.Id, Is.EqualTo(Theirs(2)));
        Assert.That(await ReadToEndAsync(next), Is.EqualTo(Bytes("next")));
        await peer.ExpectQuietAsync();
        await first.DisposeAsync();
    }

    [Test]
    public async Task Frames_hidden_in_discarded_data_are_never_seen_wherever_it_is_cut()
    {
        // What is hidden would end the session, or surface, if the parser lost its place by as much as a byte.
        byte[] hidden = [.. new[] { Frames.Raw(31, 0, 0, 0), Frames.Syn(Theirs(5000)), Frames.Rst(Theirs(6000), 7), Frames.GoAway(0, 0) }
            .SelectMany(frame => frame.Bytes.ToArray())];
        var (session, peer) = await ConnectAsync(options => options.EarlyResetBurst = 2 * hidden.Length);
        var sent = 0L;
        for (var cut = 0; cut < WireFrame.HeaderBytes + hidden.Length; cut++)
        {
            var id = Theirs(cut);
            byte[] bytes = peer.Flood(1, _ => [Frames.Syn(id), Frames.Fin(id), Frames.Data(id, hidden)]);
            var at = bytes.Length - hidden.Length - WireFrame.HeaderBytes + cut;
            await peer.SendBytesAsync(bytes.AsMemory(0, at));
            await Timing.Until(() => session.GetSnapshot().BytesReceived == sent + at, "the first part has come");
            await peer.SendBytesAsync(bytes.AsMemory(at));
            await peer.ExpectAsync(Frames.Rst(id, 4));
            sent += bytes.Length;
        }

        await peer.ExpectQuietAsync();
        var snapshot = session.GetSnapshot();
        Assert.That((snapshot.IsPeerGoingAway, snapshot.QueuedStreams, session.Completion.IsCompleted), Is.EqualTo((false, 0, false)));
    }
}
