using Muxado.Fast.Framing;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>A peer that never stops sending gets a thread for a little while at a time, and not for good.</summary>
public sealed class FloodedThreadTests
{
    private const int Receives = 1_000;

    [Test]
    public void Bytes_that_keep_coming_give_their_thread_back_every_few_milliseconds()
    {
        var clock = new ManualTimeProvider();
        var scheduler = new QueuedWork();
        var flood = new Flood(clock, Receives);
        var session = MuxadoSession.CreateServer(flood, new MuxadoSessionOptions
        {
            HeartbeatInterval = Timeout.InfiniteTimeSpan,
            TimeProvider = clock,
            Scheduler = scheduler,
        });

        var most = 0;
        while (scheduler.TryTake(out var work))
        {
            var before = flood.Receives;
            work.Execute();
            most = Math.Max(most, flood.Receives - before);
        }

        Assert.That(flood.Receives, Is.GreaterThanOrEqualTo(Receives), "all of it was received");
        Assert.That(most, Is.LessThanOrEqualTo(10), "receives, each of 1 ms, in one go");
        Assert.That(session.Completion.IsCompleted, Is.True);
    }

    /// <summary>An endless row of empty DATA frames, which are there whenever they are asked for. Each receive takes a millisecond.</summary>
    private sealed class Flood(ManualTimeProvider clock, int receives) : Stream
    {
        private readonly WireFrame _open = Frames.Syn(3);
        private readonly WireFrame _data = Frames.Data(3, "");

        public int Receives { get; private set; }

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            if (Receives++ >= receives)
                return new(0);
            for (var at = 0; at < buffer.Length; at += Wire.HeaderBytes)
                (Receives == 1 && at == 0 ? _open : _data).Bytes.CopyTo(buffer[at..]);
            return new(buffer.Length / Wire.HeaderBytes * Wire.HeaderBytes);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
