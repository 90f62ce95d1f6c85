using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Muxado.Fast.Bench.Cli;

namespace Muxado.Fast.Bench.Load;

/// <summary>The session that a load opens its streams on, and its successor when it is going away or gone.</summary>
/// <remarks>
/// Owner: one load.
/// Threading: any thread; one dials while the others wait for it.
/// Invariants: a retired session is not handed out again; its live streams may finish.
/// </remarks>
internal sealed class LoadConnection(HostPort server, bool tls) : IAsyncDisposable
{
    private static readonly TimeSpan s_redialPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_closeTime = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _dialling = new(1, 1);
    private readonly ConcurrentDictionary<MuxadoSession, Task> _retired = new();
    private MuxadoSession? _current;

    /// <summary>Why the last attempt to connect failed, or null if it did not.</summary>
    public string? LastFailure { get; private set; }

    /// <summary>Dials once.</summary>
    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            Volatile.Write(ref _current, await DialAsync(cancellationToken));
        }
        catch (Exception failure) when (IsNetworkFailure(failure))
        {
            throw new CommandFailedException($"cannot connect to {server}: {failure.Message}", failure);
        }
    }

    /// <summary>The current session; dials until there is one, or until cancelled.</summary>
    public ValueTask<MuxadoSession> GetAsync(CancellationToken cancellationToken) =>
        TryGet(out var session) ? new(session) : RedialAsync(cancellationToken);

    /// <summary>Stops opening streams on <paramref name="session"/>, which is going away or gone.</summary>
    public void Retire(MuxadoSession session)
    {
        if (Interlocked.CompareExchange(ref _current, null, session) == session)
            _retired[session] = CloseAsync(session);
    }

    /// <summary>Ends every session, so that whatever waits on one stops waiting.</summary>
    public void Abort()
    {
        Volatile.Read(ref _current)?.Abort();
        foreach (var session in _retired.Keys)
            session.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        if (Volatile.Read(ref _current) is { } session)
            Retire(session);
        await Task.WhenAll(_retired.Values);
        _dialling.Dispose();
    }

    private bool TryGet(out MuxadoSession session)
    {
        session = Volatile.Read(ref _current)!;
        return session is { Completion.IsCompleted: false };
    }

    private async ValueTask<MuxadoSession> RedialAsync(CancellationToken cancellationToken)
    {
        await _dialling.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                if (TryGet(out var session))
                    return session;
                try
                {
                    Volatile.Write(ref _current, await DialAsync(cancellationToken));
                    LastFailure = null;
                }
                catch (Exception failure) when (IsNetworkFailure(failure))
                {
                    LastFailure = failure.Message;
                    await Task.Delay(s_redialPause, cancellationToken);
                }
            }
        }
        finally
        {
            _dialling.Release();
        }
    }

    private ValueTask<MuxadoSession> DialAsync(CancellationToken cancellationToken) =>
        MuxadoSession.ConnectAsync(
            new MuxadoClientOptions
            {
                RemoteEndPoint = server.ToEndPoint(),
                Tls = tls ? AcceptAnyCertificate() : null,
            },
            cancellationToken);

    [SuppressMessage("Security", "CA5359", Justification = "A benchmark server's certificate is made in memory at its start: there is nothing to check it against.")]
    private static SslClientAuthenticationOptions AcceptAnyCertificate() => new()
    {
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
    };

    private static bool IsNetworkFailure(Exception failure) => failure is SocketException or IOException or AuthenticationException;

    private static async Task CloseAsync(MuxadoSession session)
    {
        using var cut = new CancellationTokenSource(s_closeTime);
        try
        {
            await session.ShutdownAsync(cut.Token);
        }
        catch (Exception failure) when (failure is OperationCanceledException or MuxadoException)
        {
            // Cut off, or gone already: nothing is left to close.
        }

        await session.DisposeAsync();
    }
}
