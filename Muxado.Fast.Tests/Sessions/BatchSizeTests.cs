using Muxado.Fast.Bench.Chance;
using Muxado.Fast.Bench.Simulation;
using Muxado.Fast.Buffers;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>How much goes to the transport at a time when many streams have large writes in line.</summary>
public sealed class BatchSizeTests
{
    private const int Writers = 24;
    private const int WriteBytes = 32 * 1024;

    private readonly BlockPool _blocks = new();

    [Test]
    public void A_transport_that_takes_all_at_once_gets_as_many_frames_as_fit_256_KiB_at_a_time()
    {
        var sends = Send(takesPerSend: int.MaxValue);

        Assert.That(sends[1], Is.InRange((256 - 17) * 1024, 256 * 1024));
        Assert.That(sends.Sum(), Is.GreaterThan(Writers * WriteBytes), "all of it, with headers");
    }

    [Test]
    public void One_that_is_full_gets_no_more_than_64_KiB_so_that_an_urgent_frame_does_not_wait_for_more()
    {
        var sends = Send(takesPerSend: 1024);

        Assert.That(sends.Skip(1).Max(), Is.InRange(64 * 1024, (64 + 17) * 1024));
    }

    /// <summary>Has every writer in line before the second send, and returns what was offered at each attempt.</summary>
    private List<int> Send(int takesPerSend)
    {
        var clock = new VirtualClock();
        var transport = new WatchedTransport(takesPerSend);
        var session = MuxadoSession.CreateOver(transport, isClient: true, new MuxadoSessionOptions
        {
            Scheduler = new VirtualScheduler(clock, new Dice(seed: 1)),
            TimeProvider = clock,
            Blocks = _blocks,
        });
        var payload = new byte[WriteBytes];
        var streams = Enumerable.Range(0, Writers).Select(_ => session.OpenHandle()).ToList();
        transport.Offered.Clear();
        var writes = new List<Task>();

        // Inside the first send the token is taken, so all others wait in line.
        transport.AtSend = () =>
        {
            transport.AtSend = null;
            writes.AddRange(streams.Skip(1).Select(stream => stream.WriteAsync(payload).AsTask()));
        };
        writes.Add(streams[0].WriteAsync(payload).AsTask());

        Assert.That(writes, Has.Count.EqualTo(Writers));
        while (!writes.TrueForAll(write => write.IsCompletedSuccessfully))
            Assert.That(clock.RunNext(), "a writer was forgotten");
        session.Abort();
        while (clock.RunNext())
        {
            // to the end of the session
        }

        Assert.That(_blocks.Outstanding, Is.Zero);
        return transport.Offered;
    }
}
