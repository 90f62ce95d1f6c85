#!/usr/bin/env dotnet
#:project ../Muxado.Fast/Muxado.Fast.csproj

// Calls that are repeated when that is safe, and only then. A stream for each call, over a pool of sessions, to a server that
// is replaced by another while the calls go on.
//
//   dotnet run samples/rpc-client-with-retry.cs
//
// Ends with: 400 calls, each of them answered and run exactly once

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Muxado.Fast;

const int Calls = 400;
const int Callers = 8;

// How often each call was run, by either server: what a client that repeats calls has to keep at one.
var runs = new ConcurrentDictionary<string, int>();
var started = 0;

var first = await StartServerAsync(new IPEndPoint(IPAddress.Loopback, 0));
var address = (IPEndPoint)first.Listener.LocalEndPoint;
var replacing = ReplaceAsync();

await using var pool = new MuxadoSessionPool(
    new MuxadoClientOptions { RemoteEndPoint = address },
    new MuxadoSessionPoolOptions { MaxSessions = 2, InitialBackoff = TimeSpan.FromMilliseconds(20) });
pool.StateChanged += Report;

await Task.WhenAll(Enumerable.Range(0, Callers).Select(CallAsync));
pool.StateChanged -= Report;
await pool.DisposeAsync();
await (await replacing).DisposeAsync();

var once = runs.Values.Count(count => count == 1);
Console.WriteLine($"the servers started {started} calls, {started - runs.Count} of them again");
Console.WriteLine($"{once} calls, each of them answered and run exactly once");
return once == Calls ? 0 : 1;

void Report(object? sender, EventArgs e)
{
    var state = pool.State;
    Console.WriteLine($"pool: {state.ReadySessions} ready, {state.DiallingSessions} dialling, {state.DrainingSessions} letting go");
}

async Task CallAsync(int caller)
{
    for (var i = caller; i < Calls; i += Callers)
    {
        var question = i.ToString(CultureInfo.InvariantCulture);

        // Repeated when the stream was refused, or is above the last one that a departing server names, or never left.
        var answer = await pool.ExecuteAsync(async (stream, token) =>
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(question), completeWrites: true, token);
            return await new StreamReader(stream).ReadToEndAsync(token);
        });
        if (answer != $"{question} squared is {i * i}")
            throw new InvalidDataException($"call {question} was answered: {answer}");
    }
}

// The first server leaves in an orderly way: it takes no new calls, finishes those that it has, and is gone.
async Task<Server> ReplaceAsync()
{
    while (runs.Count < Calls / 2)
        await Task.Delay(5);
    Console.WriteLine("the first server goes away");
    await first.DisposeAsync();
    await Task.Delay(100);
    Console.WriteLine("the second server is there");
    return await StartServerAsync(address);
}

async Task<Server> StartServerAsync(IPEndPoint endPoint)
{
    var listener = await MuxadoListener.ListenAsync(new() { ListenEndPoint = endPoint });
    return new Server(listener, AnswerAsync);
}

async Task AnswerAsync(MuxadoStream stream)
{
    await using (stream)
    {
        var question = await new StreamReader(stream).ReadToEndAsync();
        Interlocked.Increment(ref started);
        runs.AddOrUpdate(question, 1, (_, count) => count + 1);
        await Task.Delay(2); // The work.
        var number = int.Parse(question, CultureInfo.InvariantCulture);
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{question} squared is {number * number}"), completeWrites: true);
    }
}

/// <summary>Accepts sessions, and answers each of their streams, until it is disposed.</summary>
internal sealed class Server : IAsyncDisposable
{
    private readonly Func<MuxadoStream, Task> _answer;
    private readonly ConcurrentBag<MuxadoSession> _sessions = [];
    private readonly Task _accepting;

    public Server(MuxadoListener listener, Func<MuxadoStream, Task> answer)
    {
        Listener = listener;
        _answer = answer;
        _accepting = AcceptAsync();
    }

    public MuxadoListener Listener { get; }

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        await _accepting;
        await Task.WhenAll(_sessions.Select(session => session.ShutdownAsync().AsTask()));
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var session = await Listener.AcceptSessionAsync();
                _sessions.Add(session);
                _ = ServeAsync(session);
            }
        }
        catch (ObjectDisposedException)
        {
            // The listener was disposed.
        }
    }

    private async Task ServeAsync(MuxadoSession session)
    {
        await foreach (var stream in session.AcceptStreamsAsync())
            _ = _answer(stream);
    }
}
