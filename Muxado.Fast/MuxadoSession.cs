using System.Net;
using System.Net.Sockets;

namespace Muxado.Fast;

#pragma warning disable CS1591, CA1065, CA1822
public sealed class MuxadoSession : IAsyncDisposable
{
    public static ValueTask<MuxadoSession> ConnectAsync(MuxadoClientOptions options, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public static MuxadoSession CreateClient(Socket connected, MuxadoSessionOptions? options = null) => throw new NotImplementedException();
    public static MuxadoSession CreateServer(Socket connected, MuxadoSessionOptions? options = null) => throw new NotImplementedException();
    public static MuxadoSession CreateClient(Stream transport, MuxadoSessionOptions? options = null) => throw new NotImplementedException();
    public static MuxadoSession CreateServer(Stream transport, MuxadoSessionOptions? options = null) => throw new NotImplementedException();
    public MuxadoStream OpenStream(MuxadoStreamOptions options = default) => throw new NotImplementedException();
    public ValueTask<MuxadoStream> OpenStreamAsync(MuxadoStreamOptions options = default, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public ValueTask<MuxadoStream> AcceptStreamAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public IAsyncEnumerable<MuxadoStream> AcceptStreamsAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public MuxadoStreamHandle OpenHandle(MuxadoStreamOptions options = default) => throw new NotImplementedException();
    public ValueTask<MuxadoStreamHandle> AcceptHandleAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public ValueTask<Stream> ConnectHttpAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) => throw new NotImplementedException();
    public ValueTask GoAwayAsync(MuxadoErrorCode code = default, ReadOnlyMemory<byte> debug = default, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public ValueTask ShutdownAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public ValueTask CloseAsync(MuxadoErrorCode code = default, CancellationToken cancellationToken = default) => throw new NotImplementedException();
    public void Abort() => throw new NotImplementedException();
    public Task<MuxadoSessionCloseInfo> Completion => throw new NotImplementedException();
    public bool IsClient => throw new NotImplementedException();
    public int ActiveStreams => throw new NotImplementedException();
    public TimeSpan? RoundTripTime => throw new NotImplementedException();
    public EndPoint? LocalEndPoint => throw new NotImplementedException();
    public EndPoint? RemoteEndPoint => throw new NotImplementedException();
    public ValueTask DisposeAsync() => throw new NotImplementedException();
    internal static MuxadoSession CreateOver(Transport.ByteTransport transport, bool isClient, MuxadoSessionOptions options) => throw new NotImplementedException();
}
