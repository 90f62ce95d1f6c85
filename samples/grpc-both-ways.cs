#!/usr/bin/env dotnet
#:sdk Microsoft.NET.Sdk.Web
#:project ../Muxado.Fast.AspNetCore/Muxado.Fast.AspNetCore.csproj
#:package Grpc.AspNetCore
#:package Grpc.Net.Client

// gRPC in both directions over one connection: each side calls the other, and each call streams both ways.
//
//   dotnet run samples/grpc-both-ways.cs    both sides in one process
//
// The service is written down in code, where a project would have a .proto file and Grpc.Tools.
//
// Ends with: 20 answers over one connection, 10 from each side

using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Muxado.Fast;
using Muxado.Fast.AspNetCore;

await using var listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
await using var dialled = await MuxadoSession.ConnectAsync(new() { RemoteEndPoint = listener.LocalEndPoint });
await using var accepted = await listener.AcceptSessionAsync();

// Who dialled does not matter: both serve the one session that they share, and both call through it.
await using var left = await ServeAsync("left", dialled);
await using var right = await ServeAsync("right", accepted);
var counts = await Task.WhenAll(ChatAsync("left", dialled), ChatAsync("right", accepted));

await dialled.CloseAsync();
Console.WriteLine($"{counts.Sum()} answers over one connection, {counts[0]} from each side");

static async Task<WebApplication> ServeAsync(string name, MuxadoSession session)
{
    var endPoint = new MuxadoEndPoint(name);
    var builder = WebApplication.CreateSlimBuilder();
    builder.Logging.SetMinimumLevel(LogLevel.Warning);
    builder.WebHost.UseMuxado(endPoint, HttpProtocols.Http2);
    builder.Services.AddGrpc();
    builder.Services.AddSingleton(new ChatService(name));
    var app = builder.Build();
    app.MapGrpcService<ChatService>();
    await app.StartAsync();
    _ = endPoint.ServeAsync(session);
    return app;
}

static async Task<int> ChatAsync(string name, MuxadoSession session)
{
    using var channel = GrpcChannel.ForAddress("http://peer", new()
    {
        HttpHandler = new SocketsHttpHandler { ConnectCallback = session.ConnectHttpAsync, UseProxy = false },
        DisposeHttpClient = true,
    });
    using var chat = channel.CreateCallInvoker().AsyncDuplexStreamingCall(Chat.Talk, host: null, default);
    var answers = 0;
    for (var i = 1; i <= 10; i++)
    {
        await chat.RequestStream.WriteAsync($"line {i} of {name}");
        if (await chat.ResponseStream.MoveNext(default))
            answers++;
    }

    Console.WriteLine($"{name} was told at last: {chat.ResponseStream.Current}");
    await chat.RequestStream.CompleteAsync();
    return await chat.ResponseStream.MoveNext(default) ? 0 : answers;
}

internal static class Chat
{
    public static Method<string, string> Talk { get; } =
        new(MethodType.DuplexStreaming, "Chat", nameof(ChatBase.Talk), Marshallers.StringMarshaller, Marshallers.StringMarshaller);

    /// <summary>Called by the gRPC server, without a service, to learn which methods there are.</summary>
    public static void BindService(ServiceBinderBase binder, ChatBase? service) =>
        binder.AddMethod(Talk, service is null ? null! : new DuplexStreamingServerMethod<string, string>(service.Talk));
}

[BindServiceMethod(typeof(Chat), nameof(Chat.BindService))]
internal abstract class ChatBase
{
    public abstract Task Talk(IAsyncStreamReader<string> requests, IServerStreamWriter<string> responses, ServerCallContext context);
}

internal sealed class ChatService(string name) : ChatBase
{
    public override async Task Talk(IAsyncStreamReader<string> requests, IServerStreamWriter<string> responses, ServerCallContext context)
    {
        await foreach (var line in requests.ReadAllAsync(context.CancellationToken))
            await responses.WriteAsync($"{name} heard '{line}'");
    }
}
