using System.IO.Pipelines;
using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Simulation;

/// <content>Buffering, flushing, and completing.</content>
internal sealed partial class SimulatedPipe
{
    private int _flushesToCancel;
    private bool _isOutputCompleted;

    private async Task WriteAsync()
    {
        bool goesOn = true;
        for (int i = Dice.Between(0, Plan.MaxWrites); i > 0 && goesOn; i--)
        {
            if (Dice.Chance(Plan.Laziness))
                await Clock.Delay(Dice.Time(TimeSpan.FromMilliseconds(100)));
            if (Dice.Chance(Plan.DeadlineChance))
                SetDeadline(isRead: false, Dice.Time(TimeSpan.FromMilliseconds(50)));
            int bytes = Run.SpendVolume(Dice.Size(Flow.MaxWriteBytes));
            goesOn = Dice.Chance(0.4) ? await WriteFromOwnAsync(bytes) : await BufferAsync(bytes);
        }

        await CompleteAsync(anyhow: !goesOn);
    }

    /// <summary>Fills the pipe's memory in pieces, and may leave it there.</summary>
    private async Task<bool> BufferAsync(int bytes)
    {
        ReadOnlyMemory<byte> content = Writes.Next(bytes);
        Writes.Begin(bytes);
        for (int done = 0; done < bytes;)
        {
            int asked = Dice.Chance(0.3) ? Dice.Between(1, bytes - done) : 0;
            Memory<byte> memory = _output.GetMemory(asked);
            Run.Require(memory.Length >= Math.Max(asked, 1), Side, $"asked for {asked} bytes of memory, and got {memory.Length}", Conversation.Id);
            int filled = Dice.Between(1, Math.Min(memory.Length, bytes - done));
            content.Slice(done, filled).CopyTo(memory);
            _output.Advance(filled);
            done += filled;
        }

        return Dice.Chance(0.4) || await FlushAsync("flush", bytes, _output.FlushAsync);
    }

    private async Task<bool> WriteFromOwnAsync(int bytes)
    {
        byte[] buffer = Writes.Next(bytes).ToArray();
        Writes.Begin(bytes);
        bool goesOn = await FlushAsync("pipe write", bytes, token => _output.WriteAsync(buffer, token));
        buffer.AsSpan().Fill(0xEE); // It is ours again, and nobody may read it any more.
        return goesOn;
    }

    private async Task<bool> FlushAsync(string what, int bytes, Func<CancellationToken, ValueTask<FlushResult>> flush)
    {
        CancellationToken token = DrawToken(Plan.CancelChance);
        if (token.IsCancellationRequested)
            token = CancellationToken.None; // A write that is cancelled before it begins takes nothing: that is for other tests.
        Operation operation = Begin(what, isRead: false, bytes, token);
        try
        {
            FlushResult result = await flush(token);
            operation.End(bytes);
            if (result.IsCanceled)
            {
                Run.Require(--_flushesToCancel >= 0, Side, "a flush was cancelled, and nobody asked for it", Conversation.Id);
                return true; // What was not sent stays for the next one.
            }

            if (result.IsCompleted)
                Run.Require(MayBeGone(), Side, "a flush says that nobody reads, and nothing has happened", Conversation.Id);
            Writes.End(isWritten: !result.IsCompleted);
            return !result.IsCompleted;
        }
        catch (Exception failure)
        {
            operation.End(failure);
            return GoesOnAfter(failure, isRead: false, token);
        }
        finally
        {
            EndWriting();
        }
    }

    /// <summary>The end of the writing: in order behind what is still buffered, or, in an unfair run, with an error that resets.</summary>
    private async Task CompleteAsync(bool anyhow)
    {
        bool resets = !Plan.IsFair && Dice.Chance(0.1);
        Run.Trace.Add(Side, resets ? "complete output with an error" : "complete output", Conversation.Id);
        SetDeadline(isRead: false, fromNow: null); // It would cut off what is still to be sent.
        _isOutputCompleted = true;
        Writes.IsEnded = true;
        if (resets)
            NoteReset(MuxadoErrorCode.Cancel);
        else
            Writes.End(isWritten: true); // If its end arrives, so has all of it.
        OnEndCompleted(tears: anyhow);
        Exception? error = resets ? new InvalidOperationException("a simulated failure") : null;
        Operation operation = Begin("complete", isRead: false, 0, CancellationToken.None);
        try
        {
            if (Dice.Chance(0.5))
                _output.Complete(error);
            else
                await _output.CompleteAsync(error);
            operation.End(0);
        }
        catch (Exception failure)
        {
            operation.End(failure);
            if (failure is MuxadoException { Error: not MuxadoError.DeadlineExceeded })
                Run.Require(Stream.CanRead || IsAborted || IsDisposed, Side, "an output that came too late took what was received with it", Conversation.Id);
            else
                NoteReset(MuxadoErrorCode.Cancel); // What it could not send makes it a reset.
            GoesOnAfter(failure, isRead: false, CancellationToken.None);
        }
        finally
        {
            EndWriting();
        }
    }

    private bool MayBeGone() => Conversation.IsTorn || !Plan.IsFair;
}
