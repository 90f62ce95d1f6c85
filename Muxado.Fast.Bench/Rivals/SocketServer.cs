using System.Net;
using System.Net.Sockets;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Accepts connections on all loopback addresses and hands each to whatever serves it.</summary>
internal sealed class SocketServer : ArmServer
{
    private readonly List<Socket> _echoListeners = LoopbackAddresses.Listen();
    private readonly List<Socket> _sinkListeners = LoopbackAddresses.Listen();
    private readonly List<Socket> _wideSinkListeners = LoopbackAddresses.Listen();
    private readonly string? _certificateSha256;

    /// <param name="echo">Serves a connection to the echo service, and owns it.</param>
    /// <param name="sink">The same for the bulk receiver.</param>
    /// <param name="certificateSha256">The hash of the certificate that all show, if there is one.</param>
    /// <param name="wideSink">The same for a bulk receiver at the end of a long line; null where that is no different.</param>
    public SocketServer(Func<Socket, Task> echo, Func<Socket, Task> sink, string? certificateSha256 = null, Func<Socket, Task>? wideSink = null)
    {
        _certificateSha256 = certificateSha256;
        foreach (var listener in _echoListeners)
            _ = AcceptAsync(listener, echo);
        foreach (var listener in _sinkListeners)
            _ = AcceptAsync(listener, sink);
        foreach (var listener in _wideSinkListeners)
            _ = AcceptAsync(listener, wideSink ?? sink);
    }

    public override ArmServerAddress Address => new(
        Port(_echoListeners),
        Port(_sinkListeners),
        Math.Min(_echoListeners.Count, _sinkListeners.Count),
        _certificateSha256,
        Port(_wideSinkListeners));

    /// <summary>A server whose connections are one stream each.</summary>
    public static SocketServer OfStreams(Func<Socket, ValueTask<Stream>> open, string? certificateSha256 = null) => new(
        async socket => await EchoLoop.RunAsync(await open(socket)),
        async socket => await SinkAsync(await open(socket)),
        certificateSha256);

    /// <summary>Receives bulk from a stream until it ends, and disposes it.</summary>
    public static async Task SinkAsync(Stream stream)
    {
        await using (stream)
            await Bulk.ReceiveAsync(stream);
    }

    /// <summary>Ends without an exception; a failure is reported, for a server has nobody to throw it at.</summary>
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

    public override void Dispose()
    {
        foreach (var listener in _echoListeners.Concat(_sinkListeners).Concat(_wideSinkListeners))
            listener.Dispose();
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
}
