using System.Collections.Concurrent;
using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Pooling;

/// <summary>The server that a pool dials: each dial is a session of its own, whose streams are echoed unless the test takes them.</summary>
/// <remarks>Owner: one test. Threading: any thread.</remarks>
internal sealed class PoolServer(TransportKind kind = TransportKind.Memory, bool echoes = true) : IAsyncDisposable
{
    private readonly ConcurrentQueue<SessionPair> _pairs = [];
    private readonly ConcurrentBag<Task> _serving = [];
    private int _dials;

    /// <summary>Runs before each dial, with its number from 1: it may throw or wait.</summary>
    public Func<int, CancellationToken, Task> OnDial { get; set; } = (_, _) => Task.CompletedTask;

    public MuxadoSessionOptions? ServerOptions { get; init; }

    public int Dials => Volatile.Read(ref _dials);

    /// <summary>Both sides of every session so far, the oldest first.</summary>
    public IReadOnlyList<SessionPair> Pairs => [.. _pairs];

    public async ValueTask<MuxadoSession> DialAsync(CancellationToken cancellationToken)
    {
        await OnDial(Interlocked.Increment(ref _dials), cancellationToken);
        var pair = await SessionPair.ConnectAsync(kind, serverOptions: ServerOptions);
        _pairs.Enqueue(pair);
        if (echoes)
            _serving.Add(ServeAsync(pair.Server));
        return pair.Client;
    }

    /// <summary>Accepts every stream and sends back what comes.</summary>
    public static async Task ServeAsync(MuxadoSession session)
    {
        var echoing = new List<Task>();
        await foreach (var stream in session.AcceptStreamsAsync())
            echoing.Add(EchoAsync(stream));
        await Task.WhenAll(echoing);
    }

    /// <summary>Asks for an echo, and compares.</summary>
    public static async ValueTask<bool> AskAsync(MuxadoStream stream, CancellationToken cancellationToken = default)
    {
        await stream.WriteAsync(Pattern.Bytes(100), completeWrites: true, cancellationToken);
        using var answer = new MemoryStream();
        await stream.CopyToAsync(answer, cancellationToken);
        return answer.ToArray().AsSpan().SequenceEqual(Pattern.Bytes(100));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pair in _pairs)
            await pair.DisposeAsync();
        await Task.WhenAll(_serving).Soon();
    }

    private static async Task EchoAsync(MuxadoStream stream)
    {
        await using (stream)
        {
            try
            {
                await stream.CopyToAsync(stream);
            }
            catch (Exception failure) when (Fails.IsOrderly(failure))
            {
                // the stream or its session ended
            }
        }
    }
}
