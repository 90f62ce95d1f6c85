using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>The end of a session, a new one each time, that waits for the peer to finish a stream. Once it is called off, the session ends all the same, and at once.</summary>
internal sealed class SessionEndScene(Func<MuxadoSession, CancellationToken, Task> end) : FedScene
{
    private MuxadoStream? _stream;

    public override async Task PrepareAsync()
    {
        if (_stream is not null)
            await ReconnectAsync();
        Peer.AnswersGoodbye = false;
        _stream = await OpenAsync();
    }

    public override Task StartAsync(CancellationToken cancellationToken) => end(Session, cancellationToken);

    /// <summary>The peer lets go of the stream, and then answers the goodbye.</summary>
    public override void Complete()
    {
        Peer.AnswersGoodbye = true;
        Peer.Send(Frames.Rst(_stream!.Id, RaceAction.Cancel));
        if (Peer.IsSendShut)
            Peer.End();
    }

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        var ended = await Session.Completion.Soon();
        Assert.That(ended.Error, succeeded ? Is.EqualTo(MuxadoError.None) : Is.EqualTo(MuxadoError.None).Or.EqualTo(MuxadoError.SessionAborted));
        await _stream!.DisposeAsync();
    }
}
