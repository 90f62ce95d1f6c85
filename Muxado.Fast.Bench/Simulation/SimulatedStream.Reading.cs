namespace Muxado.Fast.Bench.Simulation;

/// <content>Reading to the end, in every way there is.</content>
internal sealed partial class SimulatedStream
{
    /// <summary>What a buffer is filled with once its read has ended without a byte: it must stay.</summary>
    private const byte Untouched = 0xEE;

    private async Task ReadAsync()
    {
        if (Dice.Chance(0.3))
            await Clock.Delay(Dice.Time(TimeSpan.FromSeconds(1)));
        if (Plan.IsFair && Dice.Chance(0.1))
            await _simulation.NeglectAsync(_conversation);
        while (await ReadOnceAsync())
        {
            if (Dice.Chance(Plan.Laziness))
                await Clock.Delay(Dice.Time(TimeSpan.FromMilliseconds(100)));
        }
    }

    /// <summary>False once there is nothing more to read.</summary>
    private async Task<bool> ReadOnceAsync()
    {
        if (_isDisposed)
            return false;
        if (Dice.Chance(Plan.DeadlineChance))
            SetDeadline(isRead: true, Dice.Time(TimeSpan.FromMilliseconds(50)));
        switch (Dice.Between(0, 9))
        {
            case 0:
                return await TryReadAsync();
            case 1:
                return await ReadIntoAsync([]);
            default:
                return await ReadIntoAsync(new byte[Dice.Size(70_000)]);
        }
    }

    private async Task<bool> TryReadAsync()
    {
        var buffer = new byte[Dice.Size(5000)];
        bool goesOn;
        try
        {
            if (_stream.TryRead(buffer, out int count))
                return OnRead(buffer, count);
            goesOn = true;
        }
        catch (Exception failure)
        {
            goesOn = OnReadFailed(failure, CancellationToken.None);
        }

        // It does not wait, so somebody else has to.
        await Clock.Delay(Dice.Time(TimeSpan.FromMilliseconds(20)));
        return goesOn;
    }

    private async Task<bool> ReadIntoAsync(byte[] buffer)
    {
        CancellationToken token = DrawToken(Plan.CancelChance);
        bool wasAborted = _isAborted;
        Operation operation = Begin("read", isRead: true, buffer.Length, token);
        try
        {
            int count = await _stream.ReadAsync(buffer, token);
            operation.End(count);
            _simulation.Require(!wasAborted, _side, "an aborted stream was read", _conversation.Id);
            return OnRead(buffer, count);
        }
        catch (Exception failure)
        {
            operation.End(failure);
            buffer.AsSpan().Fill(Untouched);
            if (_untouchable.Count < 20)
                _untouchable.Add(buffer);
            if (!OnReadFailed(failure, token))
                return false;
        }
        finally
        {
            _reading = null;
        }

        if (Dice.Chance(0.5))
            await Clock.Delay(Dice.Time(TimeSpan.FromMilliseconds(1)));
        return true;
    }

    private bool OnRead(byte[] buffer, int count)
    {
        if (buffer.Length == 0)
        {
            _simulation.Require(count == 0, _side, $"a read of nothing returned {count} bytes", _conversation.Id);
            return true;
        }

        string? wrong = count == 0 ? _reads.ReadEnd() : _reads.Read(buffer.AsSpan(0, count));
        _simulation.Require(wrong is null, _side, wrong, _conversation.Id);
        return count > 0;
    }

    /// <summary>Whether reading goes on after a failure.</summary>
    private bool OnReadFailed(Exception failure, CancellationToken token)
    {
        bool goesOn = CheckFailure(failure, _readDeadline, token);
        if (failure is MuxadoException { Error: MuxadoError.DeadlineExceeded } && !_isDisposed)
            SetDeadline(isRead: true, fromNow: null);
        return goesOn;
    }
}
