using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>Shares of a link that is slower than its senders: it passes a fixed number of bytes per step and buffers little.</summary>
public sealed class PriorityTests
{
    // Small beside what an output gathers ahead of the transport: a sender that the machine holds up for some steps loses no share.
    private const int BytesPerStep = 4 * 1024;
    private const long WarmUpBytes = 256 * 1024;
    private const long MeasuredBytes = 2 * 1024 * 1024;

    [Test]
    public async Task Equal_priorities_share_equally([Values(2, 5)] int streams)
    {
        var shares = await MeasureAsync([.. Enumerable.Repeat(new Sender(Priority: 4, WriteSize: 64 * 1024), streams)]);

        Assert.That(shares, Is.All.EqualTo(1.0 / streams).Within(10).Percent);
    }

    [TestCase(64 * 1024)]
    [TestCase(2 * 1024)]
    [TestCase(1024)]
    public async Task A_higher_priority_gets_most_of_the_link_whatever_the_size_of_its_writes(int writeSize)
    {
        var shares = await MeasureAsync(new Sender(Priority: 9, writeSize), new Sender(Priority: 1, 64 * 1024));

        Assert.That(shares[0], Is.GreaterThanOrEqualTo(0.85));
    }

    [TestCase(64 * 1024)]
    [TestCase(1024)]
    public async Task The_lowest_of_three_never_starves(int writeSizeOfTheHighest)
    {
        var shares = await MeasureAsync(
            new Sender(Priority: 9, writeSizeOfTheHighest), new Sender(Priority: 5, 64 * 1024), new Sender(Priority: 0, 64 * 1024));

        Assert.That(shares[2], Is.GreaterThanOrEqualTo(0.03));
        Assert.That(shares[0], Is.GreaterThan(shares[1]));
    }

    [Test]
    public async Task A_low_priority_has_the_whole_link_when_nobody_else_wants_it()
    {
        var shares = await MeasureAsync(new Sender(Priority: 0, 64 * 1024));

        Assert.That(shares, Is.EqualTo(new[] { 1.0 }));
    }

    /// <summary>Lets all send without end and returns each one's part of what arrived.</summary>
    /// <remarks>Away from the test's synchronization context, whose one thread would be the link that they contend for.</remarks>
    private static Task<double[]> MeasureAsync(params Sender[] senders) => Task.Run(() => ShareAsync(senders));

    private static async Task<double[]> ShareAsync(Sender[] senders)
    {
        var (clientEnd, serverEnd) = MemoryDuplex.CreatePair(capacityBytes: BytesPerStep);
        await using var pair = SessionPair.Over(clientEnd, serverEnd.Throttled(BytesPerStep));
        var received = new long[senders.Length];
        var streams = new List<StreamPair>();
        foreach (var sender in senders)
            streams.Add(await pair.OpenAsync(new MuxadoStreamOptions { Priority = sender.Priority }));

        using var stop = new CancellationTokenSource();
        var work = streams.SelectMany((stream, i) => new[]
        {
            SendAsync(stream.Opened, senders[i].WriteSize, stop.Token),
            ReceiveAsync(stream.Accepted, i, received, stop.Token),
        }).ToList();

        await Timing.Until(() => Total() > WarmUpBytes, "the senders are under way");
        var before = Snapshot();
        var goal = Total() + MeasuredBytes;
        await Timing.Until(() => Total() > goal, "enough has arrived to measure");
        var after = Snapshot();
        await stop.CancelAsync();
        await Task.WhenAll(work).Soon();

        var total = (double)(after.Sum() - before.Sum());
        double[] shares = [.. after.Zip(before, (a, b) => (a - b) / total)];
        TestContext.Out.WriteLine(string.Join("  ", shares.Select(share => share.ToString("P1"))));
        return shares;

        long Total() => Snapshot().Sum();

        long[] Snapshot() => [.. Enumerable.Range(0, received.Length).Select(i => Volatile.Read(ref received[i]))];
    }

    private static async Task SendAsync(MuxadoStream stream, int writeSize, CancellationToken stop)
    {
        var memory = new byte[writeSize];
        try
        {
            while (true)
                await stream.WriteAsync(memory, stop);
        }
        catch (OperationCanceledException)
        {
            // the measurement is over
        }
    }

    private static async Task ReceiveAsync(MuxadoStream stream, int index, long[] received, CancellationToken stop)
    {
        var memory = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var count = await stream.ReadAsync(memory, stop);
                Volatile.Write(ref received[index], received[index] + count);
            }
        }
        catch (OperationCanceledException)
        {
            // the measurement is over
        }
    }

    private sealed record Sender(uint Priority, int WriteSize);
}
