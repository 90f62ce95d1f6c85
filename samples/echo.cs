#!/usr/bin/env dotnet
#:project ../Muxado.Fast/Muxado.Fast.csproj
#:property PublishAot=true

// Says back what it hears: a server, a client, and a load.
//
//   dotnet run samples/echo.cs                              server and client in one process
//   dotnet run samples/echo.cs serve 127.0.0.1:7000         the server alone, until SIGINT or SIGTERM
//   dotnet run samples/echo.cs load 127.0.0.1:7000 10000    so many streams, 64 at a time, each echo compared
//   dotnet publish samples/echo.cs                          the same program as native code (needs clang or gcc)
//
// Ends with: 3 echoes of 3 were right

using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Muxado.Fast;

const int Concurrency = 64;

return args switch
{
    [] => await DemonstrateAsync(),
    ["serve", var address] when IPEndPoint.TryParse(address, out var listen) => await ServeAsync(listen),
    ["load", var address, var count] when IPEndPoint.TryParse(address, out var server) && int.TryParse(count, out var streams)
        => await LoadAsync(server, streams),
    _ => Usage(),
};

static async Task<int> DemonstrateAsync()
{
    await using var listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) });
    var serving = AcceptAndEchoAsync(listener);

    await using (var client = await MuxadoSession.ConnectAsync(new() { RemoteEndPoint = listener.LocalEndPoint }))
    {
        foreach (var text in new[] { "one connection", "any number of streams", "each of them a System.IO.Stream" })
        {
            await using var stream = client.OpenStream();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text), completeWrites: true);
            var echo = await new StreamReader(stream).ReadToEndAsync();
            Console.WriteLine($"stream {stream.Id}: {echo}");
        }
    }

    await serving;
    Console.WriteLine("3 echoes of 3 were right");
    return 0;
}

static async Task AcceptAndEchoAsync(MuxadoListener listener) => await EchoAsync(await listener.AcceptSessionAsync());

static async Task<int> ServeAsync(IPEndPoint listen)
{
    using var stopping = new CancellationTokenSource();
    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stopping.Cancel();
    }

    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    await using var listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = listen });
    Console.WriteLine($"listening on {listener.LocalEndPoint}");
    try
    {
        while (true)
            _ = EchoAsync(await listener.AcceptSessionAsync(stopping.Token));
    }
    catch (OperationCanceledException)
    {
        return 0;
    }
}

static async Task EchoAsync(MuxadoSession accepted)
{
    await using var session = accepted;
    await foreach (var stream in session.AcceptStreamsAsync())
        _ = EchoStreamAsync(stream);
    if ((await session.Completion).Exception is { } failure)
        Console.Error.WriteLine($"a session ended: {failure.Message}");
}

// Until the client half-closes. Disposing half-closes our side, or resets the stream when the echo was cut off.
static async Task EchoStreamAsync(MuxadoStream accepted)
{
    await using var stream = accepted;
    try
    {
        await stream.CopyToAsync(stream);
    }
    catch (Exception failure) when (failure is MuxadoException or NotSupportedException)
    {
        // Not supported: the client opened it one-way, and nothing can be said back.
        Console.Error.WriteLine($"a stream ended: {failure.Message}");
    }
}

static async Task<int> LoadAsync(IPEndPoint server, int streams)
{
    await using var session = await MuxadoSession.ConnectAsync(new() { RemoteEndPoint = server });
    var started = Stopwatch.GetTimestamp();
    var left = streams;
    async Task RunAsync()
    {
        var request = new byte[64];
        var response = new byte[request.Length + 1]; // One more, so that a reply that is too long is seen.
        while (Interlocked.Decrement(ref left) >= 0)
        {
            Random.Shared.NextBytes(request);
            await using var stream = session.OpenStream();
            await stream.WriteAsync(request, completeWrites: true);
            var count = await stream.ReadAtLeastAsync(response, response.Length, throwOnEndOfStream: false);
            if (!response.AsSpan(0, count).SequenceEqual(request))
                throw new InvalidDataException($"stream {stream.Id} did not echo what was sent");
        }
    }

    await Task.WhenAll(Enumerable.Range(0, Concurrency).Select(_ => RunAsync()));
    await session.CloseAsync();
    var elapsed = Stopwatch.GetElapsedTime(started);
    Console.WriteLine($"{streams} streams echoed in {elapsed.TotalMilliseconds:0} ms, {streams / elapsed.TotalSeconds:0} a second");
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("usage: echo.cs [serve ADDRESS:PORT | load ADDRESS:PORT STREAMS]");
    return 2;
}
