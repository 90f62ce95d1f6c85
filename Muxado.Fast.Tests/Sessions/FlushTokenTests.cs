using Muxado.Fast.Bench.Micro.Sessions;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>Who finds the flush token taken leaves its bytes to the holder, who must not let it go without having seen them.</summary>
[Category("Concurrency")]
public sealed class FlushTokenTests
{
    private const int Writers = 2;
    private const int Rounds = 100_000;
    private const int FrameBytes = 9; // Of one byte of data.

    private readonly List<byte> _sent = [];
    private int _arrivals;

    [Test, CancelAfter(60_000)]
    public async Task What_is_queued_at_the_same_moment_has_left_when_all_have_come_back(CancellationToken cancellationToken)
    {
        var peer = new PreparedPeer(isClient: true);
        peer.Transport.Recording = _sent;
        var streams = Enumerable.Range(0, Writers).Select(_ => Open(peer)).ToList();
        var before = _sent.Count;

        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writers = streams.Select((stream, number) => Task.Factory.StartNew(
            () => Write(stream, checks: number == 0, before, failed), failed.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        try
        {
            await Task.WhenAll(writers);
        }
        finally
        {
            peer.Session.Abort();
        }
    }

    private static MuxadoStreamHandle Open(PreparedPeer peer)
    {
        var stream = peer.Session.OpenHandle();
        Assert.That(stream.TryWrite([0], out _));
        peer.GrantMaximum(stream.Id);
        return stream;
    }

    private void Write(MuxadoStreamHandle stream, bool checks, int before, CancellationTokenSource failed)
    {
        for (var round = 1; round <= Rounds; round++)
        {
            Meet(failed.Token);
            if (!stream.TryWrite([(byte)round], out _))
                throw new AssertionException("a byte within the window was not taken");
            Meet(failed.Token);
            var expected = before + (round * Writers * FrameBytes);
            if (checks && _sent.Count != expected)
            {
                failed.Cancel();
                throw new AssertionException($"In round {round} only {_sent.Count} of {expected} bytes had left.");
            }
        }
    }

    /// <summary>Waits for the other writers. A barrier of the system's kind would wake them one after the other.</summary>
    private void Meet(CancellationToken cancellationToken)
    {
        var arrival = Interlocked.Increment(ref _arrivals);
        var last = (arrival + Writers - 1) / Writers * Writers;
        var spin = default(SpinWait);
        while (Volatile.Read(ref _arrivals) < last)
        {
            cancellationToken.ThrowIfCancellationRequested();
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }
}
