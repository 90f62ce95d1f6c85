using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>The end of a pool, a new one each time, that waits for a stream to close. Once it is called off, the sessions end all the same, and at once.</summary>
internal sealed class PoolShutdownScene : FedScene
{
    private MuxadoSessionPool? _pool;
    private MuxadoStream _stream = null!;

    public override async Task PrepareAsync()
    {
        if (_pool is not null)
            await ReconnectAsync();
        _pool = new MuxadoSessionPool(_ => ValueTask.FromResult(Session), new() { MaxSessions = 1 });
        _stream = await _pool.OpenStreamAsync().Soon();
    }

    public override Task StartAsync(CancellationToken cancellationToken) => _pool!.ShutdownAsync(cancellationToken).AsTask();

    public override void Complete() => Peer.Send(Frames.Rst(_stream.Id, RaceAction.Cancel));

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        var ended = await Session.Completion.Soon();
        Assert.That(ended.Error, succeeded ? Is.EqualTo(MuxadoError.None) : Is.EqualTo(MuxadoError.None).Or.EqualTo(MuxadoError.SessionAborted));
        await Timing.Until(() => _pool!.State is { IsClosed: true, ReadySessions: 0, DrainingSessions: 0 }, "the pool holds no session any more");
        await _stream.DisposeAsync();
    }
}
