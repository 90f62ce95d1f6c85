using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>An accept: every stream that the peer opens is accepted once, in order.</summary>
internal sealed class AcceptScene(Func<MuxadoSession, CancellationToken, Task<MuxadoStream>> accept) : FedScene
{
    private Task<MuxadoStream> _accepting = null!;
    private uint _opened;

    public override Task StartAsync(CancellationToken cancellationToken) => _accepting = accept(Session, cancellationToken);

    public override void Complete() => _opened = LetPeerOpen();

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        if (!isComplete)
            Complete();
        var accepted = succeeded ? await _accepting : await Session.AcceptStreamAsync().Soon();
        Assert.That(accepted.Id, Is.EqualTo(_opened));
        Finish(accepted);
        Assert.That(Session.GetSnapshot().QueuedStreams, Is.Zero);
    }
}
