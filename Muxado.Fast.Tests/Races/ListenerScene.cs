using System.Net;
using System.Net.Sockets;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>An accept of a listener's: every connection becomes a session that somebody gets.</summary>
internal sealed class ListenerScene : AwaitScene
{
    private MuxadoListener? _listener;
    private Socket _client = null!;
    private Task<MuxadoSession> _accepting = null!;

    public override async Task PrepareAsync()
    {
        _listener ??= await MuxadoListener.ListenAsync(new MuxadoListenerOptions { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
        _client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    }

    public override Task StartAsync(CancellationToken cancellationToken) => _accepting = _listener!.AcceptSessionAsync(cancellationToken).AsTask();

    public override void Complete() => _client.Connect(_listener!.LocalEndPoint);

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        if (!isComplete)
            Complete();
        var session = await (succeeded ? _accepting : _listener!.AcceptSessionAsync().AsTask()).Soon();
        Assert.That(session.RemoteEndPoint, Is.EqualTo(_client.LocalEndPoint));
        session.Abort();
        _client.Dispose();
    }

    public override Task EndAsync() => _listener!.DisposeAsync().AsTask();
}
