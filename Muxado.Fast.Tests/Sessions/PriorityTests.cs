using Muxado.Fast.Bench.Chance;
using Muxado.Fast.Bench.Simulation;
using Muxado.Fast.Buffers;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>
/// Shares of a link that is slower than its senders: it passes a fixed number of bytes per step and buffers little. In virtual
/// time, so that a busy machine does not make a sender late.
/// </summary>
public sealed class PriorityTests
{
    private const int BytesPerStep = 8 * 1024;
    private const long WarmUpBytes = 1024 * 1024;
    private const long MeasuredBytes = 8 * 1024 * 1024;

    [Test]
    public void Equal_priorities_share_equally([Values(2, 5)] int streams)
    {
        var shares = Measure([.. Enumerable.Repeat(new Sender(Priority: 4, WriteSize: 64 * 1024), streams)]);

        Assert.That(shares, Is.All.EqualTo(1.0 / streams).Within(10).Percent);
    }

    [TestCase(64 * 1024)]
    [TestCase(2 * 1024)]
    [TestCase(1024)]
    public void A_higher_priority_gets_most_of_the_link_whatever_the_size_of_its_writes(int writeSize)
    {
        var shares = Measure(new Sender(Priority: 9, writeSize), new Sender(Priority: 1, 64 * 1024));

        Assert.That(shares[0], Is.GreaterThanOrEqualTo(0.85));
    }

    [TestCase(64 * 1024)]
    [TestCase(1024)]
    [TestCase(15)]
    [TestCase(8)]
    [TestCase(1)]
    public void The_lowest_of_three_never_starves(int writeSizeOfTheHighest)
    {
        var shares = Measure(
            new Sender(Priority: 9, writeSizeOfTheHighest), new Sender(Priority: 5, 64 * 1024), new Sender(Priority: 0, 64 * 1024));

        Assert.That(shares[2], Is.GreaterThanOrEqualTo(0.03));
        Assert.That(shares[0], Is.GreaterThan(shares[1]));
    }

    [Test]
    public void A_low_priority_has_the_whole_link_when_nobody_else_wants_it()
    {
        var shares = Measure(new Sender(Priority: 0, 64 * 1024));

        Assert.That(shares, Is.EqualTo(new[] { 1.0 }));
    }

    /// <summary>Lets all send without end and returns each one's part of what arrived.</summary>
    private static double[] Measure(params Sender[] senders)
    {
        var clock = new VirtualClock();
        var dice = new Dice(seed: 1);
        var (clientEnd, serverEnd) = ThrottledTransport.CreatePair(clock, dice, BytesPerStep);
        var options = new MuxadoSessionOptions
        {
            Scheduler = new VirtualScheduler(clock, dice),
            TimeProvider = clock,
            Blocks = new BlockPool(),
            Random = dice.Source,
        };
        var client = MuxadoSession.CreateOver(clientEnd, isClient: true, options);
        var server = MuxadoSession.CreateOver(serverEnd, isClient: false, options);
        var received = new long[senders.Length];
        Task[] work =
        [
            .. senders.Select(sender => SendAsync(client.OpenStream(new MuxadoStreamOptions { Priority = sender.Priority }), sender.WriteSize)),
            .. senders.Select((_, i) => ReceiveAsync(server, i, received)),
        ];

        RunUntil(WarmUpBytes);
        long[] before = [.. received];
        RunUntil(WarmUpBytes + MeasuredBytes);
        double[] shares = [.. received.Zip(before, (a, b) => (a - b) / (double)(received.Sum() - before.Sum()))];
        TestContext.Out.WriteLine(string.Join("  ", shares.Select(share => share.ToString("P1"))));

        client.Abort();
        server.Abort();
        while (clock.RunNext())
        {
            // to the end of both sessions
        }

        Assert.That(work, Is.All.Matches<Task>(task => task.IsFaulted), "the session's end ends its senders and receivers");
        return shares;

        void RunUntil(long total)
        {
            while (received.Sum() < total)
                Assert.That(clock.RunNext(), "the link stands still");
        }
    }

    private static async Task SendAsync(MuxadoStream stream, int writeSize)
    {
        var memory = new byte[writeSize];
        while (true)
            await stream.WriteAsync(memory);
    }

    private static async Task ReceiveAsync(MuxadoSession server, int index, long[] received)
    {
        var stream = await server.AcceptStreamAsync();
        var memory = new byte[64 * 1024];
        while (true)
            received[index] += await stream.ReadAsync(memory);
    }

    private sealed record Sender(uint Priority, int WriteSize);
}
