using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A pool of one session that is full: an open waits for a stream to close. No place is lost, and none is given away twice.</summary>
internal sealed class PoolScene : FedScene
{
    private readonly Func<MuxadoSessionPool, CancellationToken, Task> _open;
    private readonly MuxadoSessionPool _pool;
    private MuxadoStream _held = null!;
    private Task _opening = null!;

    /// <param name="open">Opens a stream; the task has it as its result, or none when it was used and is disposed.</param>
    public PoolScene(Func<MuxadoSessionPool, CancellationToken, Task> open)
    {
        _open = open;
        _pool = new MuxadoSessionPool(_ => ValueTask.FromResult(Session), new() { MaxSessions = 1, MaxStreamsPerSession = 1 });
    }

    public override async Task PrepareAsync() => _held = await _pool.OpenStreamAsync().Soon();

    public override Task StartAsync(CancellationToken cancellationToken) => _opening = _open(_pool, cancellationToken);

    public override void Complete() => Finish(_held);

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        if (!isComplete)
            Complete();
        if (succeeded && _opening is Task<MuxadoStream> opened)
            Finish(await opened);
        var state = _pool.State;
        Assert.That((state.WaitingOpens, state.ReadySessions), Is.EqualTo((0, 1)));
        await Timing.Until(() => _pool.State.ActiveStreams == 0, "the place is free again");
    }

    public override async Task EndAsync()
    {
        await _pool.DisposeAsync().AsTask().Soon();
        await base.EndAsync();
    }
}
