using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.ObjectPool;
using Muxado.Fast.Buffers;

namespace Muxado.Fast.Transport;

/// <summary>
/// What stands between TLS and its connection: TLS writes and reads one record of 16 KiB or two at a time, each a system call and a wake
/// of its own. Here the records of one batch leave in one call, and all that has come is taken with one call.
/// </summary>
/// <remarks>
/// Owner: the <see cref="System.Net.Security.SslStream"/> above it, which the transport owns.
/// Threading: one read at a time; <see cref="Gather"/> and <see cref="SendGatheredAsync"/> are the transport's, for one batch after the other. TLS
/// may write while it reads, to answer its peer, so a lock guards the batch; it is a leaf, and never held across a call to the connection.
/// Invariants: nothing is held back unless the writer has said that it gathers: what TLS sends on its own account, in the handshake
/// or at the end, leaves at once. Bytes that were read ahead are unread between start and end of the buffer.
/// Reuse: none; the memory for a batch is pooled and held only while one is gathered.
/// Perf: bulk over TLS, see perf-results/experiments/tls-writes.md.
/// </remarks>
internal sealed class RecordStream(Stream connection) : Stream
{
    /// <summary>A batch of <see cref="Block.WideBytes"/> in records of 16 KiB, with the most that TLS adds to each. One that is larger all the same grows out of the pool.</summary>
    private const int GatheredBytes = Block.WideBytes + (6 * 256);

    private static readonly ObjectPool<byte[]> Batches = new DefaultObjectPool<byte[]>(new BatchPolicy(), maximumRetained: 64);

    private readonly Lock _gate = new();
    private readonly ReceiveBuffer _arrived = new();
    private readonly Socket? _socket = (connection as NetworkStream)?.Socket;
    private int _arrivedStart;
    private int _arrivedEnd;
    private byte[]? _gathered;
    private int _gatheredBytes;

    /// <summary>When set, the next read that finds nothing left polls for more. Set and cleared around the calls of the one reader.</summary>
    public BusyPoll? Poll { get; set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From here to <see cref="SendGatheredAsync"/> writes are kept.</summary>
    public void Gather()
    {
        lock (_gate)
        {
            Debug.Assert(_gathered is null, "the batch before was not sent");
            _gathered = Batches.Get();
        }
    }

    /// <summary>Sends what was gathered, and ends the gathering.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendGatheredAsync(CancellationToken cancellationToken)
    {
        byte[] batch;
        int bytes;
        lock (_gate)
        {
            batch = _gathered!;
            bytes = _gatheredBytes;
            _gathered = null;
            _gatheredBytes = 0;
        }

        await connection.WriteAsync(batch.AsMemory(0, bytes), cancellationToken).ConfigureAwait(false);
        Batches.Return(batch); // After a failure it is left to the garbage collector.
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_gathered is not null)
            {
                int gatheredBytes = _gatheredBytes + buffer.Length;
                if (gatheredBytes > _gathered.Length)
                    Array.Resize(ref _gathered, gatheredBytes);
                buffer.Span.CopyTo(_gathered.AsSpan(_gatheredBytes));
                _gatheredBytes = gatheredBytes;
                return default;
            }
        }

        return connection.WriteAsync(buffer, cancellationToken);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _arrivedStart < _arrivedEnd ? new ValueTask<int>(Take(buffer.Span)) : ReceiveAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("TLS is only read asynchronously here.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("TLS is only written asynchronously here.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            connection.Dispose();
        base.Dispose(disposing);
    }

    private int Take(Span<byte> buffer)
    {
        int count = Math.Min(buffer.Length, _arrivedEnd - _arrivedStart);
        _arrived.Array.AsSpan(_arrivedStart, count).CopyTo(buffer);
        _arrivedStart += count;
        return count;
    }

    /// <summary>Polls where that is asked for: before TLS asks, with an empty buffer, whether there is anything. True: there is.</summary>
    private bool PollOnce()
    {
        BusyPoll? poll = Poll;
        Poll = null;
        return poll is not null && _socket is not null && poll.Wait(_socket);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (PollOnce() && buffer.IsEmpty)
            return 0;
        if (buffer.IsEmpty)
            return await connection.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);

        _arrived.OnParsed(_arrivedEnd);
        _arrivedStart = 0;
        _arrivedEnd = 0;
        try
        {
            _arrivedEnd = await connection.ReadAsync(_arrived.Array, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (_arrivedEnd == 0)
                _arrived.Release(); // The end, or a failure: the system holds the memory no longer.
        }

        return Take(buffer.Span);
    }

    private sealed class BatchPolicy : PooledObjectPolicy<byte[]>
    {
        public override byte[] Create() => GC.AllocateUninitializedArray<byte>(GatheredBytes, pinned: true);

        public override bool Return(byte[] obj) => obj.Length == GatheredBytes;
    }
}
