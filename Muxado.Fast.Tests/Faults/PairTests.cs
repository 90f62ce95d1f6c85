using Muxado.Fast.Tests.Conformance;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>Two sessions that talk to each other while a fault in one direction strikes at each byte in turn.</summary>
[TestFixture(Role.Client)]
[TestFixture(Role.Server)]
public sealed class PairTests(Role role)
{
    [TestCase(LinkCut.End)]
    [TestCase(LinkCut.ReceiveError)]
    [TestCase(LinkCut.SendError)]
    public void A_fault_anywhere_ends_both_sides_within_1_s(object cut)
    {
        int end = Converse(new LinkFaults());

        Offsets.Each(end, at => Converse(new LinkFaults { Cut = (LinkCut)cut, CutAfter = at }));
    }

    /// <summary>Lets the sides talk until they have failed, or have said everything. Returns how much was said in the direction with the faults.</summary>
    private int Converse(LinkFaults faults)
    {
        using var connection = role == Role.Client ? new Connection(toServer: faults) : new Connection(toClient: faults);
        var client = connection.Join(Role.Client, Script.Ours);
        var server = connection.Join(Role.Server, Script.Theirs);
        connection.PassSeconds(1);
        bool hasFailed = client.Session.Completion.IsCompleted && server.Session.Completion.IsCompleted;
        int said = connection.From(role).Taken.Length;
        Assert.That(hasFailed, Is.EqualTo(faults.Cut != LinkCut.None));
        if (!hasFailed)
        {
            Promise.VerifyComplete(client, Script.Talks);
            Promise.VerifyComplete(server, Script.Talks);
            _ = server.Session.CloseAsync().AsTask();
            connection.PassSeconds(1);
        }

        connection.Verify();
        return said;
    }
}
