using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Muxado.Fast.Bench.Echo;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>The server's side of an arm: an echo service and a bulk receiver, over sessions or over plain connections.</summary>
internal sealed class ArmServer : IDisposable
{
    private readonly EchoSessions _echoSessions = new();
    private readonly List<Socket> _echoListeners = LoopbackAddresses.Listen();
    private readonly List<Socket> _sinkListeners = LoopbackAddresses.Listen();
    private readonly List<Socket> _wideSinkListeners = LoopbackAddresses.Listen();

    public ArmServer(string arm)
    {
        var muxado = arm == MuxadoArm.Name;
        foreach (var listener in _echoListeners)
            _ = AcceptAsync(listener, muxado ? EchoSessionAsync : EchoConnectionAsync);
        foreach (var listener in _sinkListeners)
            _ = AcceptAsync(listener, muxado ? SinkSessionAsync : SinkConnectionAsync);
        foreach (var listener in _wideSinkListeners)
            _ = AcceptAsync(listener, muxado ? WideSinkSessionAsync : SinkConnectionAsync);
    }

    public ArmServerAddress Address => new(
        Port(_echoListeners), Port(_sinkListeners), Math.Min(_echoListeners.Count, _sinkListeners.Count), Port(_wideSinkListeners));

    public void Dispose()
    {
        foreach (var listener in _echoListeners.Concat(_sinkListeners).Concat(_wideSinkListeners))
            listener.Dispose();
    }

    /// <summary>Waits for what serves one connection or stream, and says what went wrong.</summary>
    public static async Task ReportFailureAsync(Task serving)
    {
        try
        {
            await serving;
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync($"arm server: {failure.GetType().Name}: {failure.Message}");
        }
    }

    private static int Port(List<Socket> listeners) => ((IPEndPoint)listeners[0].LocalEndPoint!).Port;

    private static async Task AcceptAsync(Socket listener, Func<Socket, Task> serve)
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync();
                socket.NoDelay = true;
                _ = ReportFailureAsync(serve(socket));
            }
        }
        catch (Exception closing) when (closing is SocketException or ObjectDisposedException)
        {
            // The server is done.
        }
    }

    private Task EchoSessionAsync(Socket socket)
    {
        _echoSessions.Add(MuxadoSession.CreateServer(socket));
        return Task.CompletedTask;
    }

    private static async Task EchoConnectionAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        var buffer = ArrayPool<byte>.Shared.Rent(EchoWorker.BufferBytes);
        int count;
        while ((count = await stream.ReadAsync(buffer)) != 0)
            await stream.WriteAsync(buffer.AsMemory(0, count));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static Task SinkSessionAsync(Socket socket) =>
        new ServiceSession(MuxadoSession.CreateServer(socket, ServiceSession.Options)).RunAsync();

    private static Task WideSinkSessionAsync(Socket socket) =>
        new ServiceSession(MuxadoSession.CreateServer(socket, ServiceSession.WideOptions)).RunAsync();

    private static Task SinkConnectionAsync(Socket socket) => SinkStreamAsync(new NetworkStream(socket, ownsSocket: true));

    private static async Task SinkStreamAsync(Stream stream)
    {
        await using (stream)
            await Bulk.ReceiveAsync(stream);
    }
}
