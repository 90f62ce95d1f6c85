using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

/// <summary>Deadlines that are moved for each message, as most protocols do, cost no more the longer a stream lives.</summary>
public sealed class DeadlineMemoryTests
{
    [Test]
    public async Task Wake_ups_that_were_put_off_do_not_pile_up()
    {
        const int Messages = 600;
        var clock = new ManualTimeProvider();
        await using var pair = await SessionPair.ConnectAsync(clientOptions: new MuxadoSessionOptions { TimeProvider = clock, HeartbeatInterval = Timeout.InfiniteTimeSpan });
        var (opened, accepted) = await pair.OpenAsync();
        for (var i = 0; i < Messages; i++)
        {
            // Idle for long, and then the message itself within a second.
            await ReadWithinAsync(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(0.8));
            await ReadWithinAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(0.2));
        }

        opened.ReadDeadline = null;
        var wakeUps = 0;
        for (; clock.UntilNextTimer is { } next; wakeUps++)
            clock.Advance(next);
        Assert.That(wakeUps, Is.LessThan(Messages / 4));

        async Task ReadWithinAsync(TimeSpan limit, TimeSpan taken)
        {
            opened.ReadDeadline = clock.GetUtcNow() + limit;
            var reading = opened.ReadAsync(new byte[1]).AsTask();
            clock.Advance(taken);
            await accepted.WriteAsync(new byte[1]).Soon();
            Assert.That(await reading.Soon(), Is.EqualTo(1));
        }
    }
}
