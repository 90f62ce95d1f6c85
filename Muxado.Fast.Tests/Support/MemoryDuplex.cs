using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Muxado.Fast.Tests.Support;

/// <summary>One end of an in-memory duplex connection with bounded buffering: a full buffer makes the writer wait.</summary>
/// <remarks>
/// Disposing an end lets the peer read what was written and then the end; the peer's later writes fail. A throttled end takes
/// one timer tick per read and passes a fixed number of bytes each, so the sender always has more to send than the link takes.
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "Named for what it is: one end of a duplex connection.")]
public sealed class MemoryDuplex : Stream
{
    private readonly Lane _incoming;
    private readonly Lane _outgoing;
    private int _disposed;

    private MemoryDuplex(Lane incoming, Lane outgoing)
    {
        _incoming = incoming;
        _outgoing = outgoing;
    }

    public static (MemoryDuplex Client, MemoryDuplex Server) CreatePair(int capacityBytes = 64 * 1024)
    {
        var toServer = new Lane(capacityBytes);
        var toClient = new Lane(capacityBytes);
        return (new MemoryDuplex(toClient, toServer), new MemoryDuplex(toServer, toClient));
    }

    /// <summary>How many bytes one read passes, once per timer tick; 0 for no throttle. Set before the first read.</summary>
    public int ThrottleBytesPerStep { get; init; }

    /// <summary>The same end, throttled.</summary>
    public MemoryDuplex Throttled(int bytesPerStep) => new(_incoming, _outgoing) { ThrottleBytesPerStep = bytesPerStep };

    /// <summary>Fails both directions for both ends, as a cut cable would, dropping what is buffered.</summary>
    public void Break()
    {
        _incoming.Break();
        _outgoing.Break();
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (ThrottleBytesPerStep > 0)
        {
            await Task.Delay(1, cancellationToken);
            buffer = buffer[..Math.Min(buffer.Length, ThrottleBytesPerStep)];
        }

        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var change = _incoming.NextChange;
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
            if (_incoming.TryRead(buffer.Span, out var count))
                return count;

            await change.WaitAsync(cancellationToken);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var change = _outgoing.NextChange;
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
            var count = _outgoing.WriteSome(buffer.Span);
            buffer = buffer[count..];
            if (count == 0)
                await change.WaitAsync(cancellationToken);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _outgoing.EndWriting();
            _incoming.EndReading();
        }

        base.Dispose(disposing);
    }

    /// <summary>One direction: a ring of bytes, and a task that ends at its next change of any kind.</summary>
    private sealed class Lane(int capacityBytes)
    {
        private readonly Lock _gate = new();
        private readonly byte[] _ring = new byte[capacityBytes];
        private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _start;
        private int _count;
        private bool _writingEnded;
        private bool _readingEnded;
        private bool _broken;

        public Task NextChange
        {
            get
            {
                lock (_gate)
                    return _change.Task;
            }
        }

        /// <summary>True with a count, 0 at the end; false when there is nothing to read yet.</summary>
        public bool TryRead(Span<byte> destination, out int count)
        {
            lock (_gate)
            {
                ThrowIfBrokenLocked();
                count = Math.Min(destination.Length, _count);
                if (_count == 0)
                    return _writingEnded;

                var untilWrap = Math.Min(count, _ring.Length - _start);
                _ring.AsSpan(_start, untilWrap).CopyTo(destination);
                _ring.AsSpan(0, count - untilWrap).CopyTo(destination[untilWrap..]);
                _start = (_start + count) % _ring.Length;
                _count -= count;
                if (count > 0)
                    ChangedLocked();

                return true;
            }
        }

        /// <summary>Returns how many bytes were taken; 0 when the buffer is full.</summary>
        public int WriteSome(ReadOnlySpan<byte> source)
        {
            lock (_gate)
            {
                ThrowIfBrokenLocked();
                if (_readingEnded)
                    throw new IOException("The in-memory peer has closed its end.");

                var count = Math.Min(source.Length, _ring.Length - _count);
                var end = (_start + _count) % _ring.Length;
                var untilWrap = Math.Min(count, _ring.Length - end);
                source[..untilWrap].CopyTo(_ring.AsSpan(end));
                source[untilWrap..count].CopyTo(_ring);
                _count += count;
                Debug.Assert(_count <= _ring.Length);
                if (count > 0)
                    ChangedLocked();

                return count;
            }
        }

        public void EndWriting() => Set(ref _writingEnded);

        public void EndReading() => Set(ref _readingEnded);

        public void Break() => Set(ref _broken);

        private void Set(ref bool flag)
        {
            lock (_gate)
            {
                flag = true;
                ChangedLocked();
            }
        }

        private void ChangedLocked()
        {
            var change = _change;
            _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            change.SetResult();
        }

        private void ThrowIfBrokenLocked()
        {
            if (_broken)
                throw new IOException("The in-memory connection was cut.");
        }
    }
}
