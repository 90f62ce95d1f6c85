using System.Net;

namespace Muxado.Fast;

#pragma warning disable CS1591, CA1065, CA1822
public sealed class MuxadoListener : IAsyncDisposable
{
    public static ValueTask<MuxadoListener> ListenAsync(MuxadoListenerOptions options, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public ValueTask<MuxadoSession> AcceptSessionAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public EndPoint LocalEndPoint => throw new NotImplementedException();
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
