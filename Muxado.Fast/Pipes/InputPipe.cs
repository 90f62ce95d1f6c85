using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Muxado.Fast.Buffers;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Pipes;

/// <summary>The receiving half of a stream as a pipe: its reader looks at the very blocks that the frames were received into.</summary>
/// <remarks>
/// Owner: a <see cref="DuplexPipe"/>.
/// Threading: as for every <see cref="PipeReader"/>: one caller at a time, and <see cref="CancelPendingRead"/> from any thread.
/// Completing may come in between, when a connection is given up; it ends a read that waits.
/// Invariants: consumed &lt;= examined &lt;= taken, all counted from the stream's beginning; the segments hold exactly what is taken
/// and not consumed. The peer gets credit for what was examined, so a reader that wants to see more at once than a window holds gets it.
/// Whoever is in use of the segments has them for himself: a block that went back to the pool meanwhile would get these bytes beside somebody else's.
/// Reuse: none; its segments are its own to reuse.
/// </remarks>
internal sealed class InputPipe(DuplexPipe pipe, StreamCore stream, int generation) : PipeReader
{
    private const int Idle = 0;
    private const int InUse = 1;

    /// <summary>The pipe was completed meanwhile: the segments are for this use to give back, at its end.</summary>
    private const int LastUse = 2;

    private PipeSegment? _first;
    private PipeSegment? _last;
    private PipeSegment? _spare;
    private long _consumedIndex;
    private long _examinedIndex;
    private long _takenIndex;

    // Behind what was examined in the latest look; not always the farthest that ever was, and not what a read for more has examined for itself.
    private long _seenIndex;
    private bool _isEnd;
    private int _use;
    private int _isCancelled;
    private int _isCompleted;

    /// <summary>Whether bytes were taken that nobody has looked at.</summary>
    public bool HasUnexamined => _examinedIndex < _takenIndex;

    public override bool TryRead(out ReadResult result)
    {
        BeginUse();
        try
        {
            return TryTake(out result);
        }
        finally
        {
            EndUse();
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => ReadAtLeastAsyncCore(0, cancellationToken);

    protected override ValueTask<ReadResult> ReadAtLeastAsyncCore(int minimumSize, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested && Volatile.Read(ref _isCompleted) == 0)
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        BeginUse();
        var isWaiting = false;
        try
        {
            if (TryTakeAtLeast(minimumSize, out ReadResult result))
                return new ValueTask<ReadResult>(result);
            isWaiting = true;
            return WaitAsync(minimumSize, cancellationToken);
        }
        catch (MuxadoException failure)
        {
            return ValueTask.FromException<ReadResult>(failure);
        }
        finally
        {
            if (!isWaiting)
                EndUse();
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        BeginUse();
        try
        {
            Advance(consumed, examined);
        }
        finally
        {
            EndUse();
        }
    }

    /// <summary>
    /// Shown as two columns: a request that comes when the read has looked at the flag and does not wait yet.
    /// <code>
    ///   reader                               canceller
    ///   flag? no
    ///                                        set the flag
    ///                                        S: nobody waits
    ///   S: wait
    ///   flag? yes: S: end the wait
    /// </code>
    /// </summary>
    public override void CancelPendingRead()
    {
        Interlocked.Exchange(ref _isCancelled, 1);
        stream.CancelPendingRead(generation);
    }

    public override void Complete(Exception? exception = null)
    {
        if (Interlocked.Exchange(ref _isCompleted, 1) != 0)
            return;
        if (Interlocked.CompareExchange(ref _use, LastUse, InUse) == InUse)
            stream.CancelPendingRead(generation);
        else
            End();
    }

    /// <summary>To be called before anything of the segments is touched: they may be another's, or nobody's any more.</summary>
    private void BeginUse()
    {
        if (Interlocked.CompareExchange(ref _use, InUse, Idle) != Idle)
        {
            ThrowIfCompleted();
            throw new InvalidOperationException("Another read is under way on this pipe; await it before going on.");
        }

        if (Volatile.Read(ref _isCompleted) == 0)
            return;
        EndUse();
        ThrowIfCompleted();
    }

    private void EndUse()
    {
        if (Interlocked.Exchange(ref _use, Idle) == LastUse)
            End();
    }

    private void End()
    {
        while (_first is not null)
            DropFirst();
        _spare = null;
        pipe.OnEndCompleted();
    }

    /// <summary>What can be read without waiting. False: nothing that the reader has not seen.</summary>
    private bool TryTake(out ReadResult result)
    {
        result = default;
        StreamFailure? failure = null;
        if (!_isEnd && stream.TakeBlocks(generation, out _isEnd, out failure) is { } blocks)
            Append(blocks);
        bool isCancelled = Volatile.Read(ref _isCancelled) != 0 && Interlocked.Exchange(ref _isCancelled, 0) != 0; // Not before: taking may throw.
        if (_seenIndex == _takenIndex && !_isEnd && !isCancelled)
        {
            if (failure is not null)
                throw failure.ToException();
            return false;
        }

        ReadOnlySequence<byte> unread = _first is null
            ? ReadOnlySequence<byte>.Empty
            : new ReadOnlySequence<byte>(_first, (int)(_consumedIndex - _first.RunningIndex), _last!, _last!.Memory.Length);
        result = new ReadResult(unread, isCancelled, _isEnd);
        return true;
    }

    /// <summary>The same; what is less than the minimum earns credit, so that the peer may send the rest, but is not shown, and so not seen.</summary>
    private bool TryTakeAtLeast(int minimumBytes, out ReadResult result)
    {
        if (!TryTake(out result))
            return false;
        if (result.Buffer.Length >= minimumBytes || result.IsCompleted || result.IsCanceled)
            return true;
        AcknowledgeUpTo(_takenIndex);
        return false;
    }

    private void Advance(SequencePosition consumed, SequencePosition examined)
    {
        long consumedIndex = IndexOf(consumed);
        long examinedIndex = IndexOf(examined);
        if (consumedIndex < _consumedIndex || consumedIndex > _takenIndex)
            throw new ArgumentOutOfRangeException(nameof(consumed), "The position is not in the buffer of the latest read.");
        if (examinedIndex < consumedIndex || examinedIndex > _takenIndex)
            throw new ArgumentOutOfRangeException(nameof(examined), "The position is not in the buffer of the latest read, or before the consumed one.");

        DropConsumed(consumedIndex);
        _seenIndex = examinedIndex;
        AcknowledgeUpTo(examinedIndex);
        AssertInvariants();
    }

    private void AcknowledgeUpTo(long examinedIndex)
    {
        if (examinedIndex <= _examinedIndex)
            return;
        int newlyExaminedBytes = (int)(examinedIndex - _examinedIndex);
        _examinedIndex = examinedIndex;
        stream.AcknowledgeExamined(generation, newlyExaminedBytes);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(int minimumBytes, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                ValueTask<int> readable = stream.ReadAsync(generation, Memory<byte>.Empty, cancellationToken);
                if (Volatile.Read(ref _isCancelled) != 0 || Volatile.Read(ref _isCompleted) != 0)
                    stream.CancelPendingRead(generation);
                try
                {
                    await readable.ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    // By CancelPendingRead, or by one that was too late for the read before; unless the caller's token was cancelled too, which then is the reason.
                    cancellationToken.ThrowIfCancellationRequested();
                }

                ThrowIfCompleted();
                if (TryTakeAtLeast(minimumBytes, out ReadResult result))
                    return result;
            }
        }
        finally
        {
            EndUse();
        }
    }

    private void Append(Block? block)
    {
        while (block is not null)
        {
            Block? next = block.Next;
            block.Next = null;
            int bytes = block.UnreadMemory.Length;

            // Little by little must not cost a block each: what a reader keeps is bounded by bytes, not by frames.
            if (_last is not null && _last.TryAppend(block.Unread))
                block.Pool?.Return(block);
            else
                AppendSegment(block);
            _takenIndex += bytes;
            block = next;
        }

        AssertInvariants();
    }

    private void AppendSegment(Block block)
    {
        PipeSegment segment = _spare ?? new PipeSegment();
        _spare = segment.NextSegment;
        segment.Open(block, _takenIndex);
        if (_last is null)
            _first = segment;
        else
            _last.Link(segment);
        _last = segment;
    }

    private void DropConsumed(long consumedIndex)
    {
        _consumedIndex = consumedIndex;
        while (_first is not null && _first.EndIndex <= consumedIndex)
            DropFirst();
    }

    private void DropFirst()
    {
        PipeSegment segment = _first!;
        _first = segment.NextSegment;
        if (_first is null)
            _last = null;
        segment.Close();
        segment.Link(_spare);
        _spare = segment;
    }

    /// <summary>A position on the stream. One of no segment is in an empty buffer, or the default: nothing was consumed.</summary>
    private long IndexOf(SequencePosition position) =>
        position.GetObject() is PipeSegment segment ? segment.RunningIndex + position.GetInteger() : _consumedIndex;

    private void ThrowIfCompleted()
    {
        if (Volatile.Read(ref _isCompleted) != 0)
            throw new InvalidOperationException("The pipe's input was completed; it cannot be read after that.");
    }

    [Conditional("DEBUG")]
    private void AssertInvariants()
    {
        Debug.Assert(_consumedIndex <= _examinedIndex, "bytes were consumed that nobody has examined");
        Debug.Assert(_examinedIndex <= _takenIndex, "bytes were examined that had not come");
        Debug.Assert((_last?.EndIndex ?? _takenIndex) == _takenIndex, "the segments do not end where the taken bytes do");
        Debug.Assert(_first is null || _first.EndIndex > _consumedIndex, "a consumed segment was kept");
    }
}
