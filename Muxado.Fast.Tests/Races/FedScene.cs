using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A scene on a session whose peer the test plays.</summary>
internal abstract class FedScene : AwaitScene
{
    private uint _lastPeerId;

    protected FedScene() => Connect();

    protected BlockPool Blocks { get; } = new();

    protected MuxadoSession Session { get; private set; } = null!;

    protected FedTransport Peer { get; private set; } = null!;

    public override async Task EndAsync()
    {
        await Session.DisposeAsync().Soon();
        await VerifySentAsync();
        await Timing.Until(() => Blocks.Outstanding == 0, "every rented block has come back");
    }

    /// <summary>Begins a new session, in place of one that ends by itself.</summary>
    protected async Task ReconnectAsync()
    {
        await VerifySentAsync();
        Connect();
    }

    private void Connect()
    {
        Peer = new FedTransport(seed: 0);
        Session = MuxadoSession.CreateOver(Peer, isClient: true, new MuxadoSessionOptions { HeartbeatInterval = Timeout.InfiniteTimeSpan, Blocks = Blocks });
        _lastPeerId = 0;
    }

    /// <summary>Waits for the session's end, and looks at all that it has sent.</summary>
    private async Task VerifySentAsync()
    {
        var ended = await Session.Completion.Soon();

        // A wait that is called off ends the session at once, and whoever was sending meanwhile may still be at the last frame.
        if (ended.Error == MuxadoError.None)
            await Timing.Until(() => Peer.Sent.IsWhole, "the last frame is complete");
        Peer.Sent.Verify(isWhole: false);
    }

    /// <summary>Opens a stream that the peer has heard of.</summary>
    protected async Task<MuxadoStream> OpenAsync()
    {
        var stream = Session.OpenStream();
        await stream.WriteAsync(new[] { SentFrames.Content }).Soon();
        return stream;
    }

    protected uint LetPeerOpen()
    {
        _lastPeerId += 2;
        Peer.Send(Frames.Syn(_lastPeerId));
        return _lastPeerId;
    }

    /// <summary>Lets go of a stream on both sides.</summary>
    protected void Finish(MuxadoStream stream)
    {
        var id = stream.Id;
        stream.Dispose();
        Peer.Send(Frames.Rst(id, RaceAction.Cancel));
    }

    protected static void VerifyZero(byte[] memory) => Assert.That(memory.AsSpan().ContainsAnyExcept((byte)0), Is.False, "a cancelled read wrote into its memory");
}
