using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Hosting;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>The server's side of the HTTP/2 arm: Kestrel alone, without logging, routing or middleware.</summary>
internal sealed class Http2Server : ArmServer
{
    // As many as a session of ours takes, and as much as it receives at once.
    private const int MaxStreams = 1024;
    private const int ConnectionWindowBytes = 64 * 1024 * 1024;

    private readonly Socket _echo = Bind();
    private readonly Socket _sink = Bind();
    private readonly WebApplication _application;

    public Http2Server()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore()
            .UseSockets(sockets => sockets.CreateBoundListenSocket = endPoint => endPoint.Equals(_echo.LocalEndPoint) ? _echo : _sink)
            .ConfigureKestrel(Configure);
        _application = builder.Build();
        _application.Run(ServeAsync);
        _application.Start();
    }

    public override ArmServerAddress Address => new(Port(_echo), Port(_sink), Addresses: 1);

    public override void Dispose() => ((IDisposable)_application).Dispose();

    private static Socket Bind()
    {
        var socket = LoopbackSocket.Create();
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static int Port(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static async Task SinkAsync(HttpContext context)
    {
        // The client waits for the response's headers before it sends the first byte.
        await context.Response.Body.FlushAsync();
        await Bulk.ReceiveAsync(new RequestStream(context));
    }

    private static async Task EchoAsync(HttpContext context)
    {
        // A body of known length is an exchange, and is answered whole; else it is a conversation, whose answers are awaited.
        if (context.Request.ContentLength is { } length)
        {
            context.Response.ContentLength = length;
            await context.Request.BodyReader.CopyToAsync(context.Response.BodyWriter);
            return;
        }

        await context.Response.Body.FlushAsync();
        await EchoLoop.RunAsync(new RequestStream(context));
    }

    private void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        options.Limits.Http2.MaxStreamsPerConnection = MaxStreams;
        options.Limits.Http2.InitialStreamWindowSize = Http2Arm.StreamWindowBytes;
        options.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
        options.Limits.MaxRequestBodySize = null;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        foreach (var socket in new[] { _echo, _sink })
            options.Listen((IPEndPoint)socket.LocalEndPoint!, listen => listen.Protocols = HttpProtocols.Http2);
    }

    private Task ServeAsync(HttpContext context) =>
        context.Connection.LocalPort == Port(_sink) ? SinkAsync(context) : EchoAsync(context);

    /// <summary>The server's side of a stream over HTTP/2.</summary>
    private sealed class RequestStream(HttpContext context) : DuplexStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            context.Request.Body.ReadAsync(buffer, cancellationToken);

        // Kestrel sends what is written to the body's stream at once.
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            context.Response.Body.WriteAsync(buffer, cancellationToken);
    }
}
