using System.Collections.Concurrent;
using Microsoft.Extensions.ObjectPool;

namespace Muxado.Fast.Bench.Echo;

/// <summary>The sessions of an echo server: accepts and echoes their streams, and drains them all at the end.</summary>
/// <remarks>
/// Owner: the server.
/// Threading: any thread.
/// Invariants: a session is listed until it has completed and been disposed.
/// </remarks>
internal sealed class EchoSessions
{
    private const int MaxReports = 20;

    // As many as one session with default options can have open; beyond that workers are made and dropped.
    private readonly ObjectPool<EchoWorker> _workers = EchoWorker.CreatePool(maximumRetained: 1024);
    private readonly ConcurrentDictionary<MuxadoSession, Task> _sessions = new();
    private int _failed;

    public int Count => _sessions.Count;

    public void Add(MuxadoSession session)
    {
        var gone = new TaskCompletionSource();
        _sessions[session] = gone.Task;
        _ = ServeAsync(session, gone);
    }

    public async Task DrainAsync(TimeSpan limit)
    {
        using var cut = new CancellationTokenSource(limit);
        await Task.WhenAll(_sessions.Select(entry => ShutdownAsync(entry.Key, entry.Value, cut.Token)));
    }

    private static async Task ShutdownAsync(MuxadoSession session, Task gone, CancellationToken cut)
    {
        try
        {
            await session.ShutdownAsync(cut);
        }
        catch (Exception failure) when (failure is OperationCanceledException or MuxadoException or ObjectDisposedException)
        {
            // Cut off, or ended on its own: either way it is over.
        }

        await gone;
    }

    private async Task ServeAsync(MuxadoSession session, TaskCompletionSource gone)
    {
        try
        {
            await AcceptAsync(session);
            Report(await session.Completion);
            await session.DisposeAsync();
        }
        finally
        {
            _sessions.TryRemove(session, out _);
            gone.SetResult();
        }
    }

    // Whoever started the server may never read what it says, and would block it with one line too many.
    private void Report(MuxadoSessionCloseInfo end)
    {
        if (end.Error == MuxadoError.None || Interlocked.Increment(ref _failed) > MaxReports)
            return;
        Console.Error.WriteLine($"session ended: {end.Error}: {end.Exception?.Message}");
        if (_failed == MaxReports)
            Console.Error.WriteLine("further sessions that end like this are not reported");
    }

    private async Task AcceptAsync(MuxadoSession session)
    {
        try
        {
            while (true)
            {
                // A worker has a large buffer, which a session that merely waits is not to hold.
                var stream = await session.AcceptHandleAsync();
                _workers.Get().Take(stream);
            }
        }
        catch (MuxadoException)
        {
            // No more streams will come; those that are open finish before the session completes.
        }
    }
}
