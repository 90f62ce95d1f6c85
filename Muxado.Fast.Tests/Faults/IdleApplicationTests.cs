using Muxado.Fast.Tests.Conformance;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>Applications that leave alone what the peer sends them: nobody else pays for it, and it ends when the session does.</summary>
public sealed class IdleApplicationTests
{
    private static readonly LinkFaults s_narrow = new() { CapacityBytes = 2_000, MaxTakenBytes = 3_000 };

    [Test]
    public void One_unread_stream_of_a_hundred_holds_up_nothing_but_itself([Values(0u, 9u)] uint priority)
    {
        using var connection = new Connection(s_narrow, s_narrow);
        Message[] others = [.. Enumerable.Range(0, 99).Select(i => new Message(50_000 + i))];
        var client = connection.Join(
            Role.Client, [new Message(3_000_000, new() { StreamType = Message.Unread, Priority = priority }), .. others]);
        var server = connection.Join(Role.Server, []);

        connection.PassUntil(() => client.FinishedTalks == 99 && server.FinishedTalks == 100, TimeSpan.FromSeconds(10));
        Assert.That(client.Talks[0].Writing, Is.Null, "the unread stream's writer waits");
        _ = client.Session.CloseAsync().AsTask();
        connection.PassSeconds(5);

        connection.Verify();
        Assert.That(client.Talks[0].Writing!.Error, Is.EqualTo(MuxadoError.SessionClosed));
        Assert.That(client.Talks.Skip(1).Select(talk => talk.Reading), Is.All.EqualTo(Ending.InOrder));
    }

    [Test]
    public void An_application_that_never_accepts_holds_up_only_the_streams_that_it_does_not_accept()
    {
        const int Backlog = 1024;
        const int Excess = 76;
        using var connection = new Connection(s_narrow, s_narrow);
        var client = connection.Join(Role.Client, [new Message(1_000_000), .. Enumerable.Repeat(new Message(300), Backlog + Excess - 1)]);
        var server = connection.Join(Role.Server, [new Message(200_000), new Message(10)], accepts: false);

        connection.PassUntil(() => server.FinishedTalks == 2 && client.FinishedTalks == Excess + 2, TimeSpan.FromSeconds(10));
        var refused = client.Talks.Where(talk => talk.Id % 2 == 1 && talk.Reading is not null).ToArray();
        Assert.That(refused.Select(talk => (talk.Reading!.Error, talk.Reading.IsRetrySafe)), Is.All.EqualTo((MuxadoError.StreamRefused, true)));
        Assert.That(refused.Select(talk => talk.Id), Is.EqualTo(client.Talks.Take(Backlog + Excess).Skip(Backlog).Select(talk => talk.Id)), "the last ones");
        Assert.That(client.Talks[0].Writing, Is.Null, "the writer of more than a window waits");
        connection.PassSeconds(120); // Heartbeats go on.
        Assert.That(client.Session.Completion.IsCompleted || server.Session.Completion.IsCompleted, Is.False);
        _ = client.Session.CloseAsync().AsTask();
        connection.PassSeconds(5);

        connection.Verify();
    }
}
