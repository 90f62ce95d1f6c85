using Muxado.Fast.Tests.Conformance;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>A recorded conversation, replayed over TCP connections with one fault at each of its bytes in turn.</summary>
[TestFixture(Role.Client)]
[TestFixture(Role.Server)]
public sealed class TcpScriptTests(Role role)
{
    private Script Script => Script.For(role);

    [Test]
    public async Task A_split_anywhere_changes_nothing() =>
        await Offsets.EachAsync(Script.Heard.Length, async at =>
        {
            using var replay = await TcpReplay.StartAsync(Script);
            await replay.SendAsync(0, Math.Min(at, Script.Farewell));
            await replay.SendAsync(Math.Min(at, Script.Farewell), Script.Farewell);
            await replay.FinishTalksAsync();
            await replay.SendAsync(Script.Farewell, Math.Max(at, Script.Farewell));
            await replay.SendAsync(Math.Max(at, Script.Farewell), Script.Heard.Length);
            replay.EndSending();

            await replay.VerifyAsync(Script.Heard.Length);
            replay.VerifyComplete();
        });

    [Test]
    public async Task An_end_anywhere_ends_everything_with_the_reason() =>
        await Offsets.EachAsync(Script.Heard.Length + 1, async at =>
        {
            using var replay = await TcpReplay.StartAsync(Script);
            await replay.SendAsync(0, at);
            replay.EndSending();

            await replay.VerifyAsync(at);
            Assert.That((await replay.Session.Completion).Error, Is.EqualTo(IsFarewell(at) ? MuxadoError.None : MuxadoError.TransportFailed));
        });

    [Test]
    public async Task A_reset_anywhere_ends_everything_with_the_reason() =>
        await Offsets.EachAsync(Script.Heard.Length + 1, async at =>
        {
            using var replay = await TcpReplay.StartAsync(Script);
            await replay.SendAsync(0, at);
            replay.Reset();

            await replay.VerifyAsync(at, isSaidKnown: false);
            var error = (await replay.Session.Completion).Error;
            if (IsFarewell(at))
                Assert.That(error, Is.AnyOf(MuxadoError.None, MuxadoError.TransportFailed)); // A failed send takes the reset with it: then only an end is left to receive.
            else
                Assert.That(error, Is.EqualTo(MuxadoError.TransportFailed));
        });

    /// <summary>Whether the peer has said goodbye by then, and nothing is cut off.</summary>
    private bool IsFarewell(int at)
    {
        var heard = WireText.Of(Script.Heard.AsSpan(0, at));
        return heard.GoAwayCode == 0 && !heard.EndsMidFrame;
    }
}
