using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class FailedSendTests
{
    private const uint GoAwayCode = 11;

    /// <summary>Its goodbye lies unread behind the flood, and nothing makes room any more: reading has to go on all the same.</summary>
    [Test]
    public async Task A_paused_session_whose_send_fails_still_hears_why_its_peer_went()
    {
        WireFrame[] said = [.. Enumerable.Range(1, 100).Select(n => Frames.Syn((uint)(1 + (2 * n)))), Frames.GoAway(0, GoAwayCode)];
        var connection = new DeafPeer([.. said.SelectMany(frame => frame.Bytes.ToArray())]);
        await using var session = MuxadoSession.CreateServer(connection, new MuxadoSessionOptions
        {
            HeartbeatInterval = Timeout.InfiniteTimeSpan,
            MaxInboundStreams = 1,
            MaxQueuedControlFrames = 8,
        });
        await Timing.Until(() => session.GetSnapshot().IsReadingPaused, "reading is paused");

        connection.FailSend();

        var end = await session.Completion.Soon();
        Assert.That((end.Error, end.PeerCode), Is.EqualTo((MuxadoError.SessionClosed, (MuxadoErrorCode?)GoAwayCode)));
    }

    /// <summary>Has said everything and ended its side; takes nothing, and then breaks off.</summary>
    private sealed class DeafPeer(byte[] said) : Stream
    {
        private readonly TaskCompletionSource _send = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _read;

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void FailSend() => _send.SetException(new IOException("broken off"));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = Math.Min(buffer.Length, said.Length - _read);
            said.AsSpan(_read, count).CopyTo(buffer.Span);
            _read += count;
            return ValueTask.FromResult(count);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => new(_send.Task);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
