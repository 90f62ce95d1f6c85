using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>What looks at its token and never waits: with one that is cancelled it does nothing.</summary>
internal sealed class ImmediateScene(Func<MuxadoSession, MuxadoStream, CancellationToken, Task> call) : FedScene
{
    private MuxadoStream _stream = null!;

    public override async Task PrepareAsync() => _stream = await OpenAsync();

    public override Task StartAsync(CancellationToken cancellationToken) => call(Session, _stream, cancellationToken);

    public override void Complete() => throw new NotSupportedException();

    public override Task VerifyAsync(bool succeeded, bool isComplete)
    {
        var snapshot = Session.GetSnapshot();
        Assert.That((snapshot.IsGoingAway, snapshot.ActiveStreams), Is.EqualTo((false, 1)));
        Finish(_stream);
        return Task.CompletedTask;
    }
}
