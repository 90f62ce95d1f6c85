using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Muxado.Fast.AspNetCore;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>Serving a session, a new one each time, which ends when the session does. Called off, it leaves the session and every stream alone that it has not taken.</summary>
internal sealed class ServeScene(bool isBound) : FedScene
{
    private static readonly MuxadoTransportFactory s_factory = new(NullLoggerFactory.Instance, Options.Create(new MuxadoTransportOptions()));

    private MuxadoEndPoint? _endPoint;
    private IConnectionListener? _listener;

    public override async Task PrepareAsync()
    {
        if (_endPoint is not null)
            await ReconnectAsync();
        _endPoint = new MuxadoEndPoint();
        if (isBound)
            _listener = await s_factory.BindAsync(_endPoint);
    }

    public override Task StartAsync(CancellationToken cancellationToken) => _endPoint!.ServeAsync(Session, cancellationToken);

    public override void Complete() => Session.Abort();

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        if (isComplete)
        {
            await Session.Completion.Soon();
        }
        else
        {
            var opened = LetPeerOpen();
            var accepted = await Session.AcceptStreamAsync().Soon();
            Assert.That(accepted.Id, Is.EqualTo(opened));
            Finish(accepted);
            Session.Abort();
        }

        if (_listener is not null)
            await _listener.DisposeAsync();
    }
}
