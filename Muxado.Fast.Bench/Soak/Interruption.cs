using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Soak;

/// <summary>When an operation is cancelled: before it begins, as it begins, by another thread beside it, or a little later.</summary>
internal sealed class Interruption : IAsyncDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly Moment _moment;
    private readonly int _milliseconds;
    private Task _cancelling = Task.CompletedTask;

    public Interruption(Dice dice)
    {
        _moment = dice.Pick(Moment.Before, Moment.AtOnce, Moment.AtOnce, Moment.Beside, Moment.Beside, Moment.Later);
        _milliseconds = dice.Between(1, 5);
        if (_moment == Moment.Before)
            _source.Cancel();
    }

    private enum Moment
    {
        Before,
        AtOnce,
        Beside,
        Later,
    }

    public CancellationToken Token => _source.Token;

    public bool HasHappened => _source.IsCancellationRequested;

    /// <summary>The operation has begun.</summary>
    public void OnBegun()
    {
        switch (_moment)
        {
            case Moment.AtOnce:
                _source.Cancel();
                break;
            case Moment.Beside:
                _cancelling = _source.CancelAsync();
                break;
            case Moment.Later:
                _source.CancelAfter(_milliseconds);
                break;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cancelling;
        _source.Dispose();
    }
}
