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
            await Run.NeglectAsync(Conversation);
        while (await ReadOnceAsync())
        {
            if (Dice.Chance(Plan.Laziness))
                await Clock.Delay(Dice.Time(TimeSpan.FromMilliseconds(100)));
        }
    }

    /// <summary>False once there is nothing more to read.</summary>
    private async Task<bool> ReadOnceAsync()
    {
        if (IsDisposed)
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
            if (Stream.TryRead(buffer, out int count))
                return OnRead(buffer, count);
            goesOn = true;
        }
        catch (Exception failure)
        {
            goesOn = GoesOnAfter(failure, isRead: true, CancellationToken.None);
        }

        // It does not wait, so somebody else has to.
        await Clock.Delay(Dice.Time(TimeSpan.FromMilliseconds(20)));
        return goesOn;
    }

    private async Task<bool> ReadIntoAsync(byte[] buffer)
    {
        CancellationToken token = DrawToken(Plan.CancelChance);
        bool wasAborted = IsAborted;
        Operation operation = Begin("read", isRead: true, buffer.Length, token);
        try
        {
            int count = await Stream.ReadAsync(buffer, token);
            operation.End(count);
            Run.Require(!wasAborted, Side, "an aborted stream was read", Conversation.Id);
            MayEndSession();
            return OnRead(buffer, count);
        }
        catch (Exception failure)
        {
            operation.End(failure);
            buffer.AsSpan().Fill(Untouched);
            if (_untouchable.Count < 20)
                _untouchable.Add(buffer);
            if (!GoesOnAfter(failure, isRead: true, token))
                return false;
        }
        finally
        {
            EndReading();
        }

        if (Dice.Chance(0.5))
            await Clock.Delay(Dice.Time(TimeSpan.FromMilliseconds(1)));
        return true;
    }

    /// <summary>Whether there may be more.</summary>
    private bool OnRead(byte[] buffer, int count)
    {
        if (buffer.Length == 0)
            Run.Require(count == 0, Side, $"a read of nothing returned {count} bytes", Conversation.Id);
        else if (count == 0)
            OnEndRead();
        else
            OnRead(buffer.AsSpan(0, count));
        return count > 0 || buffer.Length == 0;
    }
}
