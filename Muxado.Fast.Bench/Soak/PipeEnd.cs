using System.IO.Pipelines;

namespace Muxado.Fast.Bench.Soak;

/// <summary>
/// An end that uses the stream as a pipe. What a cancelled flush has not sent goes with the next one, so nothing that is written here
/// is ever called off; and a reset that is made here is the output's completion with an exception.
/// </summary>
internal sealed class PipeEnd : StreamEnd
{
    private readonly MuxadoStream _stream;
    private readonly IDuplexPipe _pipe;
    private int _piecesUntilAbort;

    public PipeEnd(Worker worker, Link link, bool isClient, Conversation conversation, bool isOpener, MuxadoStream stream)
        : base(worker, link, isClient, conversation, isOpener)
    {
        _stream = stream;
        _pipe = stream.AsDuplexPipe();
        _piecesUntilAbort = SayingDice.Between(1, 4);
    }

    private bool Cancels => Plan is Disturbance.CancelOperation or Disturbance.PassDeadline;

    protected override async Task SayAsync()
    {
        for (var left = TotalBytes; left > 0;)
        {
            if (Plan is Disturbance.AbortStream or Disturbance.DisposeStream && --_piecesUntilAbort == 0)
            {
                Context.Tally.Count(Disturbance.AbortStream);
                Own.NoteAbort(MuxadoErrorCode.Cancel);
                await _pipe.Output.CompleteAsync(new IOException("The soak resets this stream."));
                return;
            }

            var bytes = Math.Min(left, SayingDice.Size(SharedFlow.MaxWriteBytes));
            left -= bytes;
            if (!await WriteAsync(bytes))
            {
                // The peer, or the session, is gone, and what is heard says why.
                Check(MayHaveEnded, "a flush says that nobody reads any more, and there is no reason for it");
                Own.HasLeft = true;
                return;
            }
        }

        Own.Says.NoteEnd();
        Worker.Writes.Begin("a pipe's completion");
        try
        {
            await _pipe.Output.CompleteAsync();
        }
        finally
        {
            Worker.Writes.End();
        }
    }

    protected override async Task HearAsync()
    {
        while (true)
        {
            Worker.Reads.Begin("a pipe's read");
            ReadResult? read;
            try
            {
                read = await ReadAsync();
            }
            finally
            {
                Worker.Reads.End();
            }

            if (read is { } result && Take(result))
                return;
        }
    }

    // The flush of a pipe is not to be disturbed by what is done to the stream behind its back, so this is for what is wrong only.
    protected override void Abort(MuxadoErrorCode code)
    {
        try
        {
            _stream.Abort(code);
        }
        catch (ObjectDisposedException)
        {
            // It has ended before.
        }
    }

    protected override async ValueTask ReleaseAsync(Exception? failure)
    {
        await _pipe.Input.CompleteAsync(failure);
        await _pipe.Output.CompleteAsync(failure ?? (Own.HasLeft ? new IOException("The peer has gone.") : null));
    }

    /// <summary>Checks a part of what was read, and leaves the rest for the next time. True at the end.</summary>
    private bool Take(in ReadResult result)
    {
        var buffer = result.Buffer;
        var takes = result.IsCompleted || HearingDice.Chance(0.6) ? buffer.Length : HearingDice.Between(0, (int)buffer.Length);
        foreach (var segment in buffer.Slice(0, takes))
        {
            Check(Peer.Says.Read(segment.Span));
            Context.Tally.AddBytes(segment.Length);
        }

        _pipe.Input.AdvanceTo(buffer.GetPosition(takes), buffer.End);
        if (!result.IsCompleted)
            return false;
        Check(Peer.Says.ReadEnd());
        return true;
    }

    /// <summary>Null: cancelled.</summary>
    private async ValueTask<ReadResult?> ReadAsync()
    {
        if (!Cancels || HearingDice.Chance(0.5))
            return HearingDice.Chance(0.1) ? await _pipe.Input.ReadAtLeastAsync(HearingDice.Size(100_000)) : await _pipe.Input.ReadAsync();

        if (HearingDice.Chance(0.5))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static input => input.CancelPendingRead(), _pipe.Input, preferLocal: false);
            var result = await _pipe.Input.ReadAsync();
            if (result.IsCanceled)
                Context.Tally.Count(Disturbance.CancelOperation);
            return result;
        }

        await using var interruption = new Interruption(HearingDice);
        try
        {
            var reading = _pipe.Input.ReadAsync(interruption.Token);
            interruption.OnBegun();
            return await reading;
        }
        catch (OperationCanceledException) when (interruption.HasHappened)
        {
            Context.Tally.Count(Disturbance.CancelOperation);
            return null;
        }
    }

    /// <summary>False: nobody reads any more.</summary>
    private async ValueTask<bool> WriteAsync(int bytes)
    {
        Worker.Writes.Begin("a pipe's flush");
        try
        {
            if (SayingDice.Chance(0.5))
            {
                Own.Says.Begin(_pipe.Output.GetSpan(bytes)[..bytes], ends: false);
                _pipe.Output.Advance(bytes);
                return !(await FlushAsync(default)).IsCompleted;
            }

            var memory = Worker.WriteMemory.AsMemory(0, bytes);
            Own.Says.Begin(memory.Span, ends: false);
            var flush = await FlushAsync(memory);
            memory.Span.Clear();
            return !flush.IsCompleted;
        }
        finally
        {
            Check(Own.Says.NoteWritten(bytes));
            Worker.Writes.End();
        }
    }

    private async ValueTask<FlushResult> FlushAsync(ReadOnlyMemory<byte> memory)
    {
        if (!Cancels || SayingDice.Chance(0.5))
            return await BeginFlushAsync(memory, CancellationToken.None);

        if (SayingDice.Chance(0.5))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static output => output.CancelPendingFlush(), _pipe.Output, preferLocal: false);
            var result = await BeginFlushAsync(memory, CancellationToken.None);
            if (result.IsCanceled)
                Context.Tally.Count(Disturbance.CancelOperation);
            return result;
        }

        await using var interruption = new Interruption(SayingDice);
        if (interruption.HasHappened && !memory.IsEmpty)
        {
            // Nothing is taken of what is cancelled before it begins.
            return await BeginFlushAsync(memory, CancellationToken.None);
        }

        try
        {
            var flushing = BeginFlushAsync(memory, interruption.Token);
            interruption.OnBegun();
            return await flushing;
        }
        catch (OperationCanceledException) when (interruption.HasHappened)
        {
            Context.Tally.Count(Disturbance.CancelOperation);
            return default;
        }
    }

    private ValueTask<FlushResult> BeginFlushAsync(ReadOnlyMemory<byte> memory, CancellationToken cancellationToken) =>
        memory.IsEmpty ? _pipe.Output.FlushAsync(cancellationToken) : _pipe.Output.WriteAsync(memory, cancellationToken);
}
