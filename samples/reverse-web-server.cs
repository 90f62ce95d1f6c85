#!/usr/bin/env dotnet
#:sdk Microsoft.NET.Sdk.Web
#:project ../Muxado.Fast.AspNetCore/Muxado.Fast.AspNetCore.csproj

// A web server behind NAT: it listens to nothing, dials out, and is asked over the connection that it dialled.
//
//   dotnet run samples/reverse-web-server.cs    both sides in one process
//
// Ends with: the web server that listens to nothing has answered 3 requests

using System.Net;
using Muxado.Fast;
using Muxado.Fast.AspNetCore;

// The side that can be reached: takes sessions, and asks whoever dialled in.
await using var listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
var asking = AskAsync(listener);

// The side that cannot: an ordinary ASP.NET Core application, whose only end point is muxado's.
var endPoint = new MuxadoEndPoint("behind-nat");
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseMuxado(endPoint);
await using var app = builder.Build();
app.MapGet("/machine", () => Environment.MachineName);
app.MapGet("/square/{number:int}", (int number) => $"{number} * {number} = {number * number}");
app.MapPost("/reverse", async (HttpRequest request) => string.Concat((await new StreamReader(request.Body).ReadToEndAsync()).Reverse()));
await app.StartAsync();

await using var session = await MuxadoSession.ConnectAsync(new() { RemoteEndPoint = listener.LocalEndPoint });
await endPoint.ServeAsync(session); // Until the other side closes the session; a real one would dial again then.
await app.StopAsync();

Console.WriteLine($"the web server that listens to nothing has answered {await asking} requests");

static async Task<int> AskAsync(MuxadoListener listener)
{
    await using var session = await listener.AcceptSessionAsync();
    using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = session.ConnectHttpAsync, UseProxy = false })
    {
        BaseAddress = new Uri("http://behind-nat"),
    };

    Console.WriteLine(await client.GetStringAsync("/machine"));
    Console.WriteLine(await client.GetStringAsync("/square/12"));
    using var response = await client.PostAsync("/reverse", new StringContent("odaxum"));
    Console.WriteLine(await response.Content.ReadAsStringAsync());
    return 3;
}
