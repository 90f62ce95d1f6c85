namespace Muxado.Fast.Bench.Soak;

/// <summary>An end that uses the stream as a handle and as a <see cref="Stream"/>. Saying is in HandleEnd.Saying.cs.</summary>
internal sealed partial class HandleEnd : StreamEnd
{
    private static readonly TimeSpan s_clockError = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_farDeadline = TimeSpan.FromMinutes(10);

    private readonly MuxadoStream _stream;
    private readonly MuxadoErrorCode _abortCode;
    private readonly bool _strikesBeside;
    private int _stepsLeft;

    public HandleEnd(Worker worker, Link link, bool isClient, Conversation conversation, bool isOpener, MuxadoStream stream)
        : base(worker, link, isClient, conversation, isOpener)
    {
        _stream = stream;
        _abortCode = SayingDice.Pick(MuxadoErrorCode.Cancel, MuxadoErrorCode.InternalError, MuxadoErrorCode.NoError);
        _stepsLeft = SayingDice.Between(1, 6);
        _strikesBeside = SayingDice.Chance(0.5);

        // One end at most, or each would wait for the other's.
        _endsByDisposal = isOpener && SayingDice.Chance(0.2);
    }

    protected override async Task HearAsync()
    {
        while (true)
        {
            Step();
            var memory = Worker.ReadMemory.AsMemory(0, HearingDice.Size(Worker.ReadMemory.Length));
            int? count;
            Worker.Reads.Begin("a read");
            try
            {
                count = await ReadAsync(memory);
            }
            finally
            {
                Worker.Reads.End();
            }

            if (count == 0)
            {
                Check(Peer.Says.ReadEnd());
                return;
            }

            if (count is { } bytes)
            {
                Check(Peer.Says.Read(memory.Span[..bytes]));
                Context.Tally.AddBytes(bytes);
            }
        }
    }

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
        Own.Says.NoteDisposal();
        await _stream.DisposeAsync();
    }

    /// <summary>Null: called off.</summary>
    private async ValueTask<int?> ReadAsync(Memory<byte> memory)
    {
        switch (Plan)
        {
            case Disturbance.CancelOperation when HearingDice.Chance(0.5):
                return await ReadOrCancelAsync(memory);
            case Disturbance.PassDeadline when HearingDice.Chance(0.5):
                return await ReadBeforeDeadlineAsync(memory);
        }

        switch (HearingDice.Between(1, 100))
        {
            case <= 3:
                return _stream.Read(memory.Span);
            case <= 15 when _stream.TryRead(memory.Span, out var count):
                return count;
            case <= 20:
                await _stream.Handle.ReadAsync(Memory<byte>.Empty);
                return await _stream.ReadAsync(memory);
            default:
                return await _stream.Handle.ReadAsync(memory);
        }
    }

    private async ValueTask<int?> ReadOrCancelAsync(Memory<byte> memory)
    {
        await using var interruption = new Interruption(HearingDice);
        try
        {
            var reading = _stream.Handle.ReadAsync(memory, interruption.Token);
            interruption.OnBegun();
            return await reading;
        }
        catch (OperationCanceledException) when (interruption.HasHappened)
        {
            Context.Tally.Count(Disturbance.CancelOperation);
            return null;
        }
    }

    private async ValueTask<int?> ReadBeforeDeadlineAsync(Memory<byte> memory)
    {
        var deadline = DateTimeOffset.UtcNow + HearingDice.Milliseconds(-1, 5);
        _stream.ReadDeadline = deadline;
        try
        {
            return await _stream.ReadAsync(memory);
        }
        catch (MuxadoException failure) when (failure.Error == MuxadoError.DeadlineExceeded)
        {
            NotePassed(deadline);
            return null;
        }
        finally
        {
            _stream.ReadDeadline = HearingDice.Chance(0.2) ? DateTimeOffset.UtcNow + s_farDeadline : null;
        }
    }

    private void NotePassed(DateTimeOffset deadline)
    {
        Check(DateTimeOffset.UtcNow > deadline - s_clockError, "a deadline was said to have passed before it had");
        Context.Tally.Count(Disturbance.PassDeadline);
    }

    /// <summary>Strikes when its time has come, here or beside what is under way.</summary>
    private void Step()
    {
        if (Plan is not (Disturbance.AbortStream or Disturbance.DisposeStream) || Interlocked.Decrement(ref _stepsLeft) != 0)
            return;
        if (_strikesBeside)
            ThreadPool.UnsafeQueueUserWorkItem(static end => end.Strike(), this, preferLocal: false);
        else
            Strike();
    }

    private void Strike()
    {
        Context.Tally.Count(Plan!.Value);
        if (Plan == Disturbance.AbortStream)
        {
            Own.NoteAbort(_abortCode);
            Abort(_abortCode);
            return;
        }

        Own.HasLeft = true;
        Own.Says.NoteDisposal();
        _stream.Dispose();
    }
}
