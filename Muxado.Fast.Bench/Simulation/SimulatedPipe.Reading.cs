using System.Buffers;
using System.IO.Pipelines;

namespace Muxado.Fast.Bench.Simulation;

/// <content>Looking at what has come, consuming some of it, and asking for more.</content>
internal sealed partial class SimulatedPipe
{
    private int _readsToCancel;

    private async Task ReadAsync()
    {
        if (Dice.Chance(0.3))
            await Clock.Delay(Dice.Time(TimeSpan.FromSeconds(1)));
        while (Plan.IsFair || Dice.Chance(0.99))
        {
            if (Dice.Chance(Plan.DeadlineChance))
                SetDeadline(isRead: true, Dice.Time(TimeSpan.FromMilliseconds(50)));
            if (!(Dice.Chance(0.1) ? await TryReadAsync() : await ReadOnceAsync()))
                break;
            if (Dice.Chance(Plan.Laziness))
                await Clock.Delay(Dice.Time(TimeSpan.FromMilliseconds(100)));
        }

        Run.Trace.Add(Side, "complete input", Conversation.Id);
        OnEndCompleted(tears: !Reads.IsReadToEnd);
        _input.Complete();
    }

    private async Task<bool> TryReadAsync()
    {
        bool goesOn = true;
        try
        {
            if (_input.TryRead(out ReadResult result))
                return Look(result);
        }
        catch (Exception failure)
        {
            goesOn = GoesOnAfter(failure, isRead: true, CancellationToken.None);
        }

        // It does not wait, so somebody else has to.
        await Clock.Delay(Dice.Time(TimeSpan.FromMilliseconds(20)));
        return goesOn;
    }

    private async Task<bool> ReadOnceAsync()
    {
        CancellationToken token = DrawToken(Plan.CancelChance);
        int least = Dice.Chance(0.3) ? Dice.Size(100_000) : 0;
        Operation operation = Begin("pipe read", isRead: true, least, token);
        try
        {
            ReadResult result = least > 0 ? await _input.ReadAtLeastAsync(least, token) : await _input.ReadAsync(token);
            operation.End(result.Buffer.Length);
            bool isEnough = result.Buffer.Length >= Math.Max(least, 1) || result.IsCompleted || result.IsCanceled;
            Run.Require(isEnough, Side, $"a read of at least {least} bytes returned {result.Buffer.Length}", Conversation.Id);
            MayEndSession();
            return Look(result);
        }
        catch (Exception failure)
        {
            operation.End(failure);
            return GoesOnAfter(failure, isRead: true, token);
        }
        finally
        {
            EndReading();
        }
    }

    /// <summary>Consumes none, some or all of it, and examines at least as much; returns whether there may be more.</summary>
    private bool Look(in ReadResult result)
    {
        if (result.IsCanceled)
            Run.Require(--_readsToCancel >= 0, Side, "a read was cancelled, and nobody asked for it", Conversation.Id);
        ReadOnlySequence<byte> buffer = result.Buffer;
        int length = (int)buffer.Length;
        int consumed = Dice.Chance(0.6) ? length : Dice.Between(0, length);
        int examined = Dice.Chance(0.6) ? length : Dice.Between(consumed, length);
        foreach (ReadOnlyMemory<byte> segment in buffer.Slice(0, consumed))
            OnRead(segment.Span);
        bool isEnd = result.IsCompleted && consumed == length;
        _input.AdvanceTo(buffer.GetPosition(consumed), buffer.GetPosition(examined));
        if (isEnd)
            OnEndRead();
        return !isEnd;
    }
}
