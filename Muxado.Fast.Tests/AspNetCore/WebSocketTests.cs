using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>Connections that leave HTTP behind: WebSocket, and SignalR on top of it.</summary>
[CancelAfter(30_000)]
public sealed class WebSocketTests
{
    [Test]
    public async Task A_web_socket_carries_messages_both_ways_and_closes()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        await using var served = await ServedApplication.StartAsync(application => application.UseWebSockets().Run(EchoAsync));
        _ = served.EndPoint.ServeAsync(pair.Server);
        using var invoker = new HttpMessageInvoker(pair.Client.CreateHttpHandler());
        using var socket = new ClientWebSocket();

        await socket.ConnectAsync(new Uri("ws://app/echo"), invoker, CancellationToken.None).Soon();
        var received = new byte[64 * 1024];
        foreach (var length in new[] { 0, 1, 1_000, received.Length })
        {
            var sent = Pattern.Bytes(length);
            await socket.SendAsync(sent, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).Soon();
            var count = 0;
            ValueWebSocketReceiveResult result;
            do
            {
                result = await socket.ReceiveAsync(received.AsMemory(count), CancellationToken.None).Soon();
                count += result.Count;
            }
            while (!result.EndOfMessage);

            Assert.That(received.AsSpan(0, count).SequenceEqual(sent), Is.True, $"{length} bytes");
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", CancellationToken.None).Soon();
        Assert.That(socket.CloseStatusDescription, Is.EqualTo("done"));
    }

    [Test]
    public async Task Signalr_calls_and_is_called_back()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        await using var served = await ServedApplication.StartAsync(
            application => application.MapHub<ChatHub>("/chat"), configure: builder => builder.Services.AddSignalR());
        _ = served.EndPoint.ServeAsync(pair.Server);
        await using var connection = new HubConnectionBuilder()
            .WithUrl("http://app/chat", options =>
            {
                options.HttpMessageHandlerFactory = _ => pair.Client.CreateHttpHandler();
                options.WebSocketFactory = async (context, cancellationToken) =>
                {
                    var socket = new ClientWebSocket();
                    using var invoker = new HttpMessageInvoker(pair.Client.CreateHttpHandler());
                    await socket.ConnectAsync(context.Uri, invoker, cancellationToken);
                    return socket;
                };
                options.Transports = HttpTransportType.WebSockets;
            })
            .Build();
        var calledBack = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.On<string>("Said", calledBack.SetResult);

        await connection.StartAsync().Soon();

        Assert.That(await connection.InvokeAsync<int>("Say", "hello").Soon(), Is.EqualTo(5));
        Assert.That(await calledBack.Task.Soon(), Is.EqualTo("hello"));
        await connection.StopAsync().Soon();
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            if (result.MessageType == WebSocketMessageType.Close)
                break;
            await socket.SendAsync(buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseAsync(socket.CloseStatus!.Value, socket.CloseStatusDescription, context.RequestAborted);
    }

    private sealed class ChatHub : Hub
    {
        public async Task<int> Say(string text)
        {
            await Clients.All.SendAsync("Said", text);
            return text.Length;
        }
    }
}
