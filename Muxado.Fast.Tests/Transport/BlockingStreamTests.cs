using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Transport;

/// <summary>A stream whose WriteAsync blocks its caller, as some wrappers of synchronous things do.</summary>
public sealed class BlockingStreamTests
{
    [Test]
    public async Task A_send_that_blocks_its_thread_is_found_to_have_stalled_too([Values] bool isHeartbeat)
    {
        var clock = new ManualTimeProvider();
        var (near, far) = MemoryDuplex.CreatePair();
        await using var peer = far;
        using var blocking = new BlockingStream(near);
        await using var session = MuxadoSession.CreateClient(blocking, new MuxadoSessionOptions { TimeProvider = clock });
        await Timing.Until(() => blocking.Writes > 0, "the heartbeat's stream was opened");
        blocking.Block();
        var held = isHeartbeat
            ? Task.Factory.StartNew(() => clock.Advance(TimeSpan.FromSeconds(3)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            : Task.Factory.StartNew(() => session.OpenStream().WriteAsync(new byte[100]).AsTask(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Timing.Until(() => blocking.IsBlocked, "a write blocks");

        for (var second = 0; second < 12; second++)
            clock.Advance(TimeSpan.FromSeconds(1));

        Assert.That((await session.Completion.Soon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
        blocking.Unblock();
        await held.Soon();
    }

    private sealed class BlockingStream(Stream inner) : Stream
    {
        private readonly ManualResetEventSlim _open = new(initialState: true);
        private int _writes;

        public int Writes => Volatile.Read(ref _writes);

        public bool IsBlocked { get; private set; }

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Block() => _open.Reset();

        public void Unblock() => _open.Set();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _writes);
            IsBlocked = !_open.IsSet;
            _open.Wait(TimeSpan.FromSeconds(20), CancellationToken.None);
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
