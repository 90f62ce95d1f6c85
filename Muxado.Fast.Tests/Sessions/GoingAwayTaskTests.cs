using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class GoingAwayTaskTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task It_ends_with_the_peers_goaway_and_not_with_our_own([Values] bool lookedAtBefore)
    {
        await OpenAsync();
        var (ours, theirs) = lookedAtBefore ? (Pair.Server.GoingAway, Pair.Client.GoingAway) : (null, null);

        await Pair.Server.GoAwayAsync().Soon();

        await (theirs ?? Pair.Client.GoingAway).Soon();
        Assert.That(Pair.Client.GoingAway.IsCompletedSuccessfully, Is.True);
        Assert.That((ours ?? Pair.Server.GoingAway).IsCompleted, Is.False);
    }

    [Test]
    public async Task It_ends_with_a_shutdown_while_streams_go_on()
    {
        await OpenAsync();
        var goingAway = Pair.Client.GoingAway;

        var shutdown = Pair.Client.ShutdownAsync().AsTask();

        await goingAway.Soon();
        Assert.That(shutdown.IsCompleted, Is.False);
        await Pair.Client.CloseAsync().Soon();
        await shutdown.Soon();
    }

    [Test]
    public async Task It_ends_with_the_session_however_that_ends([Values] bool abort)
    {
        var (ours, theirs) = (Pair.Client.GoingAway, Pair.Server.GoingAway);

        if (abort)
            Pair.Client.Abort();
        else
            await Pair.Client.CloseAsync().Soon();

        await ours.Soon();
        await theirs.Soon();
    }
}
