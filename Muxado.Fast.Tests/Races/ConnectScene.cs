using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Races;

/// <summary>Dialling a server that puts the TLS handshake off. A dial that is called off leaves no connection behind.</summary>
internal sealed class ConnectScene : AwaitScene
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly MuxadoClientOptions _options;
    private readonly Task _serving;
    private volatile TaskCompletionSource _mayAnswer = new();
    private Task<MuxadoSession> _dialling = null!;
    private int _connections;

    public ConnectScene()
    {
        _listener.Start();
        _options = new MuxadoClientOptions
        {
            RemoteEndPoint = _listener.LocalEndpoint,
            Tls = TestCertificate.ClientOptions,
            HeartbeatInterval = Timeout.InfiniteTimeSpan,
        };
        _options.Tls.TargetHost = "localhost";
        _serving = ServeAsync();
    }

    public override Task PrepareAsync()
    {
        _mayAnswer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return Task.CompletedTask;
    }

    public override Task StartAsync(CancellationToken cancellationToken) => _dialling = MuxadoSession.ConnectAsync(_options, cancellationToken).AsTask();

    public override void Complete() => _mayAnswer.TrySetResult();

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        Complete();
        if (succeeded)
            (await _dialling).Abort();
        await Timing.Until(() => Volatile.Read(ref _connections) == 0, "the server has no connection");
    }

    public override async Task EndAsync()
    {
        // A dial that was called off may have been in the listener's queue still when the server had no connection. This one is behind them all.
        (await MuxadoSession.ConnectAsync(_options).Soon()).Abort();
        await Timing.Until(() => Volatile.Read(ref _connections) == 0, "no connection is left");
        _listener.Dispose();
        await _serving.Soon();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(connection, _mayAnswer.Task);
            }
        }
        catch (Exception failure) when (failure is ObjectDisposedException or SocketException or InvalidOperationException)
        {
            // The scene is over.
        }
    }

    private async Task ServeAsync(TcpClient connection, Task mayAnswer)
    {
        await mayAnswer;
        try
        {
            await using var tls = new SslStream(connection.GetStream());
            await tls.AuthenticateAsServerAsync(TestCertificate.ServerOptions);
            while (await tls.ReadAsync(new byte[1_024]) != 0)
            {
            }
        }
        catch (Exception failure) when (failure is IOException or AuthenticationException)
        {
            // Called off in the middle of the handshake, or aborted.
        }

        connection.Dispose();
        Interlocked.Decrement(ref _connections);
    }
}
