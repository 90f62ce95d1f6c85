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
            if (_writesCompleted || _isDisposed || !await WriteOnceAsync(completes: isLast && Dice.Chance(0.3)))
                break;
        }

        // Otherwise the disposal ends it; but in a fair run that waits for the other side, which may wait for the same.
        if (!_writesCompleted && (Plan.IsFair || Dice.Chance(0.8)))
            CompleteWrites();
    }

    /// <summary>False once nothing more can be written.</summary>
    private async Task<bool> WriteOnceAsync(bool completes)
    {
        if (_writes.CalledOffInARow >= MaxCalledOffInARow)
            return false;
        if (Dice.Chance(Plan.DeadlineChance))
            SetDeadline(isRead: false, Dice.Time(TimeSpan.FromMilliseconds(50)));
        int bytes = _simulation.SpendVolume(Dice.Size(Flow.MaxWriteBytes));
        if (!completes && Dice.Chance(0.2))
            return TryWrite(bytes);
        return await WriteBytesAsync(bytes, completes);
    }

    private bool TryWrite(int bytes)
    {
        try
        {
            ReadOnlyMemory<byte> content = _writes.Next(bytes);
            if (_stream.TryWrite(content.Span, out int count))
            {
                _writes.Begin(count);
                _writes.End(isWritten: true);
            }

            return true;
        }
        catch (Exception failure)
        {
            return OnWriteFailed(failure, CancellationToken.None);
        }
    }

    private async Task<bool> WriteBytesAsync(int bytes, bool completes)
    {
        CancellationToken token = DrawToken(Plan.CancelChance);
        byte[] buffer = _writes.Next(bytes).ToArray();
        _writes.Begin(bytes);
        if (completes)
            _writes.IsEnded = true;
        Operation operation = Begin(completes ? "write and complete" : "write", isRead: false, bytes, token);
        try
        {
            await _stream.Handle.WriteAsync(buffer, completes, token);
            operation.End(bytes);
            _writes.End(isWritten: true);
            _writesCompleted |= completes;
            return true;
        }
        catch (Exception failure)
        {
            operation.End(failure);
            _writes.End(isWritten: false);
            _writes.IsEnded = _writesCompleted || _isDisposed; // Called off before its end left: the stream can be written again.
            return OnWriteFailed(failure, token);
        }
        finally
        {
            _writing = null;
            buffer.AsSpan().Fill(Untouched); // It is ours again, and nobody may read it any more.
        }
    }

    /// <summary>Whether writing goes on after a failure.</summary>
    private bool OnWriteFailed(Exception failure, CancellationToken token)
    {
        bool goesOn = CheckFailure(failure, _writeDeadline, token);
        if (failure is MuxadoException { Error: MuxadoError.DeadlineExceeded } && !_isDisposed)
            SetDeadline(isRead: false, fromNow: null);
        return goesOn;
    }
}
