using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>What one session suffers, another one in the process does not feel.</summary>
public sealed class IsolationTests(Role role) : ConformanceFixture(role)
{
    private static readonly object[] s_attacks =
    [
        new object[] { "an undefined type", Frames.Raw(31, 0, 0, 0) },
        new object[] { "a repeated stream", Frames.Syn(1) },
        new object[] { "a short reset", Frames.Raw((int)WireType.Rst, 0, 2, 1) },
        new object[] { "data on stream 0", Frames.Data(0, "x") },
    ];

    [TestCaseSource(nameof(s_attacks))]
    public async Task A_session_goes_on_while_another_one_is_ended_by_its_peer(string name, WireFrame illegal)
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        var (attacked, attacker) = await ConnectAsync();
        await attacker.SendAsync([Frames.Syn(Theirs(0)), .. Frames.Bulk(Theirs(0), Pattern.Bytes(40_000))]);
        await AcceptAsync(attacked);
        await peer.SendAsync(Frames.Data(id, "before "));

        await attacker.SendAsync(illegal);
        await attacker.DrainAsync();
        attacker.EndSending();
        Assert.That((await attacked.Completion.Soon()).Error, Is.EqualTo(MuxadoError.ProtocolViolation), name);

        await peer.SendAsync(Frames.DataFin(id, "and after"));
        Assert.That(await ReadToEndAsync(stream), Is.EqualTo(Bytes("before and after")));
        await stream.WriteAsync(Bytes("unharmed"), completeWrites: true).Soon();
        await peer.ExpectAsync(Frames.DataFin(id, "unharmed"));
        Assert.That(session.Completion.IsCompleted, Is.False);
    }
}
