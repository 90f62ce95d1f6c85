using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>A recorded conversation, replayed with one fault at each of its bytes in turn, in virtual time: a second is a second.</summary>
[TestFixture(Role.Client)]
[TestFixture(Role.Server)]
public sealed class ScriptTests(Role role)
{
    private Script Script => Script.For(role);

    [Test]
    public void The_script_has_every_kind_of_frame_and_about_2_KiB_each_way()
    {
        var heard = WireText.Of(Script.Heard);

        var types = heard.Offsets.Select(at => new WireFrame(Script.Heard[at..]).Type);
        Assert.That(types, Is.SupersetOf(new[] { WireType.Syn, WireType.Rst, WireType.Data, WireType.WndInc, WireType.GoAway }));
        Assert.That(Script.Heard, Has.Length.InRange(1_200, 2_500));
        Assert.That(Script.Said, Has.Length.InRange(1_200, 2_500));
        Assert.That(Script.Farewell, Is.InRange(1_000, Script.Heard.Length));
    }

    [Test]
    public void A_split_anywhere_changes_nothing()
    {
        var whole = Replay(Script.Heard.Length);

        Offsets.Each(Script.Heard.Length, at => Assert.That(Replay(at), Is.EqualTo(whole)));
    }

    [Test]
    public void Bytes_that_come_one_at_a_time_change_nothing()
    {
        var whole = Replay(Script.Heard.Length);

        Assert.That(Replay(0, new LinkFaults { MaxReceivedBytes = 1 }), Is.EqualTo(whole));
    }

    [Test]
    public void An_end_anywhere_ends_everything_within_1_s_with_the_reason() =>
        Offsets.Each(Script.Heard.Length + 1, at =>
        {
            using var connection = Script.Connect(out var talker, heard: new() { Cut = LinkCut.End, CutAfter = at });
            connection.To(role).Put(Script.Heard);
            connection.PassSeconds(1);

            connection.Verify();
            var heard = WireText.Of(Script.Heard.AsSpan(0, at));
            bool isFarewell = heard.GoAwayCode == 0 && !heard.EndsMidFrame;
            Assert.That(talker.Session.Completion.Result.Error, Is.EqualTo(isFarewell ? MuxadoError.None : MuxadoError.TransportFailed));
        });

    [Test]
    public void A_receive_error_anywhere_ends_everything_within_1_s_with_the_reason() =>
        Offsets.Each(Script.Heard.Length + 1, at =>
        {
            using var connection = Script.Connect(out var talker, heard: new() { Cut = LinkCut.ReceiveError, CutAfter = at });
            connection.To(role).Put(Script.Heard);
            connection.PassSeconds(1);

            connection.Verify();
            Assert.That(talker.Session.Completion.Result.Error, Is.EqualTo(MuxadoError.TransportFailed));
        });

    [Test]
    public void A_send_error_anywhere_ends_everything_within_1_s_with_the_reason([Values] bool canTrySend) =>
        Offsets.Each(SaidBeforeTheFarewell(canTrySend), at =>
        {
            using var connection = Script.Connect(out var talker, said: new() { Cut = LinkCut.SendError, CutAfter = at, CanTrySend = canTrySend });
            connection.To(role).Put(Script.Heard.AsSpan(0, Script.Farewell));
            connection.PassSeconds(1);

            Assert.That(connection.From(role).HasFailedSend, "the send did not fail");
            connection.Verify();
            Assert.That(connection.From(role).Taken.Length, Is.EqualTo(at), "something was sent after a send had failed");
            Assert.That(talker.Session.Completion.Result.Error, Is.EqualTo(MuxadoError.TransportFailed));
        });

    [Test]
    public void A_peer_that_reads_up_to_anywhere_and_no_further_ends_everything_at_the_write_stall_timeout([Values] bool canTrySend) =>
        Offsets.Each(SaidBeforeTheFarewell(canTrySend), at =>
        {
            using var connection = Script.Connect(out var talker, said: new() { CapacityBytes = at, CanTrySend = canTrySend });
            connection.To(role).Put(Script.Heard.AsSpan(0, Script.Farewell));
            connection.PassSeconds(9.9);
            Assert.That(talker.Session.Completion.IsCompleted, Is.False);
            connection.PassSeconds(1);

            connection.Verify();
            Assert.That(talker.Session.Completion.Result.Error, Is.EqualTo(MuxadoError.TransportFailed));
        });

    [Test]
    public void Closing_takes_at_most_5_s_though_the_peer_reads_up_to_anywhere_and_no_further([Values] bool canTrySend) =>
        Offsets.Each(SaidBeforeTheFarewell(canTrySend), at =>
        {
            using var connection = Script.Connect(out var talker, said: new() { CapacityBytes = at, CanTrySend = canTrySend });
            connection.To(role).Put(Script.Heard.AsSpan(0, Script.Farewell));
            connection.PassSeconds(0.5);

            _ = talker.Session.CloseAsync().AsTask();
            connection.Pass(TimeSpan.Zero);
            Assert.That(talker.Ended.IsCompleted, "operations wait for the session's end");
            connection.PassSeconds(5);

            connection.Verify();
        });

    [Test]
    public void A_black_hole_anywhere_is_found_by_the_heartbeat_or_by_the_frame_that_does_not_end() =>
        Offsets.Each(Script.Heard.Length + 1, at =>
        {
            using var connection = Script.Connect(out var talker, heard: new() { Cut = LinkCut.BlackHole, CutAfter = at });
            connection.To(role).Put(Script.Heard);
            bool isUnfinished = WireText.Of(Script.Heard.AsSpan(0, at)).IsUnfinished;

            // A partial frame has 30 s and the goodbye to its sender 1 s more; silence has an interval and the tolerance.
            connection.PassSeconds(isUnfinished ? 29 : 62);
            Assert.That(talker.Session.Completion.IsCompleted, Is.False);
            connection.PassSeconds(isUnfinished ? 3 : 2);

            connection.Verify();
            var expected = isUnfinished ? MuxadoError.ProtocolViolation : MuxadoError.HeartbeatTimeout;
            Assert.That(talker.Session.Completion.Result.Error, Is.EqualTo(expected));
        });

    /// <summary>Plays the script to a session, the second part a moment after the first.</summary>
    private string Replay(int splitAt, LinkFaults? heard = null)
    {
        using var connection = Script.Connect(out var talker, heard);
        connection.To(role).Put(Script.Heard.AsSpan(0, splitAt));
        connection.PassSeconds(0.1);
        connection.To(role).Put(Script.Heard.AsSpan(splitAt));
        connection.To(role).EndSender();
        connection.PassSeconds(1);
        connection.Verify();
        Promise.VerifyComplete(talker, Script.Talks);
        return Outcome.Of(talker, connection.From(role).Taken);
    }

    /// <summary>How much the session says while it hears the script up to its farewell, in the first second.</summary>
    private int SaidBeforeTheFarewell(bool canTrySend)
    {
        using var connection = Script.Connect(out _, said: new() { CanTrySend = canTrySend });
        connection.To(role).Put(Script.Heard.AsSpan(0, Script.Farewell));
        connection.PassSeconds(1);
        return connection.From(role).Taken.Length;
    }
}
