namespace Muxado.Fast.Bench.Soak;

/// <content>What it says: pieces of any size in every way there is, and then the end in one of three.</content>
internal sealed partial class HandleEnd
{
    private const byte Scrambled = 0xEE;

    private readonly bool _endsByDisposal;

    protected override async Task SayAsync()
    {
        var endsWithLast = SayingDice.Chance(0.5);
        var wasCutOff = false;
        for (var left = TotalBytes; left > 0;)
        {
            Step();
            var bytes = Math.Min(left, SayingDice.Size(SharedFlow.MaxWriteBytes));
            var ends = endsWithLast && bytes == left;
            if (await WriteAsync(bytes, ends) is not { } written)
            {
                wasCutOff = true;
                left -= bytes;
                continue;
            }

            if (ends && written == bytes)
                return;
            wasCutOff = false;
            left -= written;
        }

        // A disposal behind half a write is a reset, rightly, and would not say the end.
        Own.Says.NoteEnd();
        if (!_endsByDisposal || wasCutOff)
            _stream.CompleteWrites();
    }

    /// <summary>Writes a piece, or as much of it as goes at once. Null: called off.</summary>
    private async ValueTask<int?> WriteAsync(int bytes, bool ends)
    {
        var memory = Worker.WriteMemory.AsMemory(0, bytes);
        Own.Says.Begin(memory.Span, ends);
        Worker.Writes.Begin("a write");
        int? written = null;
        try
        {
            written = await WriteAsync(memory, ends);
        }
        finally
        {
            // It has ended, so the memory is not the engine's any more.
            memory.Span.Fill(Scrambled);
            Worker.Writes.End();
            if (written is { } count)
                Check(Own.Says.NoteWritten(count));
            else
                Check(Own.Says.NoteCalledOff(ends));
        }

        return written;
    }

    private async ValueTask<int?> WriteAsync(ReadOnlyMemory<byte> memory, bool ends)
    {
        switch (Plan)
        {
            case Disturbance.CancelOperation when Own.Says.MayCallOff && SayingDice.Chance(0.5):
                return await WriteOrCancelAsync(memory, ends);
            case Disturbance.PassDeadline when Own.Says.MayCallOff && SayingDice.Chance(0.5):
                return await WriteBeforeDeadlineAsync(memory, ends);
        }

        switch (SayingDice.Between(1, 100))
        {
            case <= 3 when !ends:
                _stream.Write(memory.Span);
                break;
            case <= 10 when !ends && Plan != Disturbance.DisposeStream && _stream.TryWrite(memory.Span, out var count):
                return count;
            case <= 20:
                await _stream.WriteAsync(memory, ends);
                break;
            default:
                await _stream.Handle.WriteAsync(memory, ends);
                break;
        }

        return memory.Length;
    }

    private async ValueTask<int?> WriteOrCancelAsync(ReadOnlyMemory<byte> memory, bool ends)
    {
        await using var interruption = new Interruption(SayingDice);
        try
        {
            var writing = _stream.Handle.WriteAsync(memory, ends, interruption.Token);
            interruption.OnBegun();
            await writing;
            return memory.Length;
        }
        catch (OperationCanceledException) when (interruption.HasHappened)
        {
            Context.Tally.Count(Disturbance.CancelOperation);
            return null;
        }
    }

    private async ValueTask<int?> WriteBeforeDeadlineAsync(ReadOnlyMemory<byte> memory, bool ends)
    {
        var deadline = DateTimeOffset.UtcNow + SayingDice.Milliseconds(-1, 5);
        _stream.WriteDeadline = deadline;
        try
        {
            await _stream.WriteAsync(memory, ends);
            return memory.Length;
        }
        catch (MuxadoException failure) when (failure.Error == MuxadoError.DeadlineExceeded)
        {
            NotePassed(deadline);
            return null;
        }
        finally
        {
            _stream.WriteDeadline = SayingDice.Chance(0.2) ? DateTimeOffset.UtcNow + s_farDeadline : null;
        }
    }
}
