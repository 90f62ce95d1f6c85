using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Simulation;

/// <content>Writing, in every way there is, and the end of it.</content>
internal sealed partial class SimulatedStream
{
    /// <summary>More than this and the reader could not tell which write a byte is from.</summary>
    private const int MaxCalledOffInARow = 6;

    private async Task WriteAsync()
    {
        int writes = _writesCompleted ? 0 : Dice.Between(0, Plan.MaxWrites);
        for (int i = 0; i < writes; i++)
        {
            if (Dice.Chance(Plan.Laziness))
                await Clock.Delay(Dice.Time(TimeSpan.FromMilliseconds(100)));
            bool isLast = i == writes - 1;
            if (_writesCompleted || IsDisposed || !await WriteOnceAsync(completes: isLast && Dice.Chance(0.3)))
                break;
        }

        // Otherwise the disposal ends it; but in a fair run that waits for the other side, which may wait for the same.
        if (!_writesCompleted && !IsDisposed && (Plan.IsFair || Dice.Chance(0.8)))
            CompleteWrites();
    }

    /// <summary>False once nothing more can be written.</summary>
    private async Task<bool> WriteOnceAsync(bool completes)
    {
        if (Writes.CalledOffInARow >= MaxCalledOffInARow)
            return false;
        if (Dice.Chance(Plan.DeadlineChance))
            SetDeadline(isRead: false, Dice.Time(TimeSpan.FromMilliseconds(50)));
        int bytes = Run.SpendVolume(Dice.Size(Flow.MaxWriteBytes));
        if (!completes && Dice.Chance(0.2))
            return TryWrite(bytes);
        return await WriteBytesAsync(bytes, completes);
    }

    private bool TryWrite(int bytes)
    {
        try
        {
            ReadOnlyMemory<byte> content = Writes.Next(bytes);
            if (Stream.TryWrite(content.Span, out int count))
            {
                Writes.Begin(count);
                Writes.End(isWritten: true);
            }

            return true;
        }
        catch (Exception failure)
        {
            return GoesOnAfter(failure, isRead: false, CancellationToken.None);
        }
    }

    private async Task<bool> WriteBytesAsync(int bytes, bool completes)
    {
        CancellationToken token = DrawToken(Plan.CancelChance);
        byte[] buffer = Writes.Next(bytes).ToArray();
        Writes.Begin(bytes);
        if (completes)
            Writes.IsEnded = true;
        Operation operation = Begin(completes ? "write and complete" : "write", isRead: false, bytes, token);
        try
        {
            await Stream.Handle.WriteAsync(buffer, completes, token);
            operation.End(bytes);
            Writes.End(isWritten: true);
            _writesCompleted |= completes;
            return true;
        }
        catch (Exception failure)
        {
            operation.End(failure);
            Writes.End(isWritten: false);
            Writes.IsEnded = _writesCompleted || IsDisposed; // Called off before its end left: the stream can be written again.
            return GoesOnAfter(failure, isRead: false, token);
        }
        finally
        {
            EndWriting();
            buffer.AsSpan().Fill(Untouched); // It is ours again, and nobody may read it any more.
        }
    }
}
