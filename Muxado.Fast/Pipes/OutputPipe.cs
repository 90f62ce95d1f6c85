using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Muxado.Fast.Buffers;
using Muxado.Fast.Framing;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Pipes;

/// <summary>The sending half of a stream as a pipe: what is written lies in pool blocks, from which a flush sends one run of frames.</summary>
/// <remarks>
/// Owner: a <see cref="DuplexPipe"/>.
/// Threading: as for every <see cref="PipeWriter"/>: one caller at a time, and <see cref="CancelPendingFlush"/> from any thread. A
/// flush that waits must end before the next write; completing may come in between, when a connection is given up.
/// Invariants: <see cref="UnflushedBytes"/> is what is unread in the chain. A flush that was called off leaves in the chain what was
/// not cut into frames, so nothing is lost or sent twice. Memory of a caller's is in the chain only during its own WriteAsync.
/// While a flush is under way the chain is its own: the output may be sending from it at this moment, and a block that went back to the pool then would be
/// sent with somebody else's bytes in it.
/// Reuse: none; its blocks are the pool's.
/// </remarks>
internal sealed class OutputPipe(DuplexPipe pipe, StreamCore stream, int generation) : PipeWriter
{
    private const int NoFlush = 0;
    private const int UnderWay = 1;

    /// <summary>The pipe was completed meanwhile: what remains to be done is for the flush to do, at its end.</summary>
    private const int LastUnderWay = 2;

    private readonly BlockPool _pool = stream.HostOf(generation).Blocks;
    private Block? _first;
    private Block? _last;
    private int _unflushedBytes;
    private int _flush;
    private int _isCancelled;
    private int _isCompleted;

    public override bool CanGetUnflushedBytes => true;

    /// <summary>What the last block still takes. A large one is filled no further than one frame takes, lest its last few bytes need another.</summary>
    private int RoomBytes => _last switch
    {
        null or { IsForeign: true } => 0,
        { Pool: not null, Size: BlockSize.Large } large => Wire.MaxPayloadBytes - large.End,
        var other => other.Free.Length,
    };

    public override long UnflushedBytes => _unflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfCompleted();
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        return MakeRoom(Math.Max(sizeHint, 1));
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (bytes < 0 || bytes > RoomBytes)
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "More than the memory that GetMemory or GetSpan gave.");
        if (bytes == 0)
            return;
        _last!.End += bytes;
        _unflushedBytes += bytes;
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        BeginFlush();
        return FlushOwnAsync(cancellationToken);
    }

    /// <summary>Sends from the caller's memory what is too large to be worth a copy.</summary>
    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        BeginFlush();
        try
        {
            if (source.Length > StreamCore.SmallWriteBytes && MemoryMarshal.TryGetArray(source, out ArraySegment<byte> memory))
            {
                Append(new Block(memory));
                _unflushedBytes += memory.Count;
            }
            else
            {
                Copy(source.Span);
            }
        }
        catch
        {
            EndFlush();
            throw;
        }

        return FlushOwnAsync(cancellationToken);
    }

    /// <summary>Like <see cref="InputPipe.CancelPendingRead"/>: the flag is set first, and a flush looks at it again once it waits.</summary>
    public override void CancelPendingFlush()
    {
        Interlocked.Exchange(ref _isCancelled, 1);
        stream.CancelPendingWrite(generation);
    }

    /// <summary>
    /// Half-closes behind the last byte, without waiting for it to go: the stream is released when it has. With an exception, resets instead.
    /// </summary>
    public override void Complete(Exception? exception = null)
    {
        ValueTask completing = CompleteAsync(exception);
        if (completing.IsCompleted)
            completing.GetAwaiter().GetResult();
        else
            _ = ObserveAsync(completing);
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (Interlocked.Exchange(ref _isCompleted, 1) != 0)
            return;
        if (exception is not null)
            pipe.Abort(MuxadoErrorCode.Cancel); // Before a flush can take it for its affair, and half-close.
        if (Interlocked.CompareExchange(ref _flush, LastUnderWay, UnderWay) != UnderWay)
            await EndAsync(isAborted: exception is not null).ConfigureAwait(false);
    }

    private async ValueTask EndAsync(bool isAborted)
    {
        try
        {
            if (!isAborted)
                await SendRestAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not MuxadoException { Error: not MuxadoError.DeadlineExceeded })
        {
            // The last bytes did not go out: the peer must not take what it has for the whole. A stream that is over, or took no writes from the beginning, says
            // so by itself, and a reset would only drop what was received.
            pipe.Abort(MuxadoErrorCode.Cancel);
            throw;
        }
        finally
        {
            DropAll();
            pipe.OnEndCompleted();
        }
    }

    /// <summary>Sends what is left, and the end behind it. A flush can be cancelled, this cannot: one that meets a cancellation goes on.</summary>
    private async ValueTask SendRestAsync()
    {
        while (_unflushedBytes > 0)
        {
            try
            {
                await stream.WriteAsync(generation, new WriteSource(_first!, _unflushedBytes), completeWrites: true, CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException)
            {
                KeepUnsent();
            }
        }

        stream.CompleteWrites(generation);
    }

    private static async Task ObserveAsync(ValueTask completing)
    {
        try
        {
            await completing.ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // Complete has returned long since. The peer has been told by a reset, and the input tells the application.
        }
    }

    /// <summary>To be called before anything of the chain is touched: it may be another flush's.</summary>
    private void BeginFlush()
    {
        if (Interlocked.CompareExchange(ref _flush, UnderWay, NoFlush) != NoFlush)
            throw new InvalidOperationException("Another flush is under way on this pipe; await it before starting the next.");
        if (Volatile.Read(ref _isCompleted) == 0)
            return;
        EndFlush(); // Completed meanwhile: what is left is being sent, or is to be from here.
        ThrowIfCompleted();
    }

    private ValueTask<FlushResult> FlushOwnAsync(CancellationToken cancellationToken)
    {
        FlushResult result = default;
        try
        {
            if (Volatile.Read(ref _isCancelled) != 0 && Interlocked.Exchange(ref _isCancelled, 0) != 0)
            {
                KeepUnsent();
                result = new FlushResult(isCanceled: true, isCompleted: false);
            }
            else if (_unflushedBytes == 0)
            {
                result = new FlushResult(isCanceled: false, isCompleted: stream.AreWritesOver(generation));
            }
            else
            {
                ValueTask writing = WriteChainAsync(cancellationToken);
                if (!writing.IsCompletedSuccessfully)
                    return FinishFlushAsync(writing, cancellationToken);
                writing.GetAwaiter().GetResult();
                DropAll();
            }
        }
        catch (Exception failure)
        {
            CleanUpAfter(failure);
            EndFlush();
            throw;
        }

        EndFlush();
        return new ValueTask<FlushResult>(result);
    }

    private void EndFlush()
    {
        if (Interlocked.Exchange(ref _flush, NoFlush) == LastUnderWay)
            _ = ObserveAsync(EndAsync(isAborted: false)); // If it was aborted all the same, the stream is reset: the rest fails, and there is no half-close.
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> FinishFlushAsync(ValueTask writing, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                if (Volatile.Read(ref _isCancelled) != 0)
                    stream.CancelPendingWrite(generation);
                try
                {
                    await writing.ConfigureAwait(false);
                    DropAll();
                    return default;
                }
                catch (OperationCanceledException)
                {
                    KeepUnsent();
                    cancellationToken.ThrowIfCancellationRequested();
                    if (Interlocked.Exchange(ref _isCancelled, 0) != 0)
                        return new FlushResult(isCanceled: true, isCompleted: false);
                }

                // A CancelPendingFlush that was too late for the flush before: it was not meant for this one.
                writing = WriteChainAsync(cancellationToken);
            }
        }
        catch (MuxadoException failure) when (failure.Error != MuxadoError.DeadlineExceeded)
        {
            // Nobody will read it. Why is for the input to say, as with every pipe whose reader has gone.
            DropAll();
            return new FlushResult(isCanceled: false, isCompleted: true);
        }
        catch (Exception failure)
        {
            CleanUpAfter(failure);
            throw;
        }
        finally
        {
            EndFlush();
        }
    }

    private ValueTask WriteChainAsync(CancellationToken cancellationToken) =>
        stream.WriteAsync(generation, new WriteSource(_first!, _unflushedBytes), completeWrites: false, cancellationToken);

    private Memory<byte> MakeRoom(int neededBytes)
    {
        if (RoomBytes < neededBytes)
            Append(Rent(neededBytes));
        return _last!.Array.AsMemory(_last.End, RoomBytes);
    }

    private Block Rent(int neededBytes) => neededBytes switch
    {
        <= Wire.MaxPayloadBytes => _pool.RentLarge(),
        <= Block.WideBytes => _pool.Rent(BlockSize.Wide),
        _ => new Block(neededBytes),
    };

    private void Copy(ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            Span<byte> room = MakeRoom(1).Span; // Of a completed pipe too, for what a flush has left.
            int copied = Math.Min(room.Length, source.Length);
            source[..copied].CopyTo(room);
            Advance(copied);
            source = source[copied..];
        }
    }

    private void Append(Block block)
    {
        if (_last is null)
            _first = block;
        else
            _last.Next = block;
        _last = block;
    }

    /// <summary>However a flush fails, the caller gets its memory back. What was not sent is for the next flush, if there is still a stream to send it on.</summary>
    private void CleanUpAfter(Exception failure)
    {
        if (failure is ObjectDisposedException)
            DropAll();
        else
            KeepUnsent();
    }

    /// <summary>After a flush that was called off: drops what was sent, and copies what is a caller's, who wants it back.</summary>
    private void KeepUnsent()
    {
        Block? chain = _first;
        _first = _last = null;
        _unflushedBytes = 0;
        while (chain is { } block)
        {
            chain = block.Next;
            block.Next = null;
            if (block.IsForeign)
            {
                Copy(block.Unread);
            }
            else if (block.UnreadMemory.IsEmpty)
            {
                block.Pool?.Return(block);
            }
            else
            {
                Append(block);
                _unflushedBytes += block.UnreadMemory.Length;
            }
        }
    }

    private void DropAll()
    {
        while (_first is { } block)
        {
            _first = block.Next;
            block.Pool?.Return(block);
        }

        _last = null;
        _unflushedBytes = 0;
    }

    private void ThrowIfCompleted()
    {
        if (Volatile.Read(ref _isCompleted) != 0)
            throw new InvalidOperationException("The pipe's output was completed; it cannot be written after that.");
    }
}
