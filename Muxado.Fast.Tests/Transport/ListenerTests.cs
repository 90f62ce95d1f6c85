using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Transport;

public sealed class ListenerTests
{
    [Test]
    public async Task Sessions_are_accepted_and_carry_streams([Values(TransportKind.Tcp, TransportKind.Unix, TransportKind.Tls)] TransportKind kind)
    {
        await using var listener = await ListenAsync(kind);

        await using var client = await DialAsync(listener, kind);
        await using var server = await listener.AcceptSessionAsync().Soon();
        await using var opened = client.OpenStream();
        await opened.WriteAsync(Pattern.Bytes(100), completeWrites: true).Soon();
        await using var accepted = await server.AcceptStreamAsync().Soon();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(100));
        Assert.That((client.IsClient, server.IsClient), Is.EqualTo((true, false)));
        if (kind != TransportKind.Unix)
            Assert.That((server.LocalEndPoint, server.RemoteEndPoint), Is.EqualTo((listener.LocalEndPoint, client.LocalEndPoint)));
    }

    [Test]
    public async Task Any_number_of_callers_may_wait_and_each_gets_a_session_of_its_own()
    {
        await using var listener = await ListenAsync(TransportKind.Tcp);
        var accepting = Enumerable.Range(0, 5).Select(_ => listener.AcceptSessionAsync().AsTask()).ToArray();

        var clients = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => DialAsync(listener, TransportKind.Tcp))).Soon();

        var servers = await Task.WhenAll(accepting).Soon();
        Assert.That(servers, Is.Unique);
        await CloseAsync([.. clients, .. servers]);
    }

    [Test]
    public async Task Connections_are_established_in_nobodys_ambient_context()
    {
        var ambient = new AsyncLocal<string?> { Value = "whoever listened" };
        var seen = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var listener = await ListenAsync(TransportKind.Tls, o => o.Tls = new SslServerAuthenticationOptions
        {
            ServerCertificateSelectionCallback = (_, _) =>
            {
                seen.TrySetResult(ambient.Value);
                return TestCertificate.Value;
            },
        });

        await using var client = await DialAsync(listener, TransportKind.Tls);
        await using var server = await listener.AcceptSessionAsync().Soon();

        Assert.That(await seen.Task.Soon(), Is.Null);
    }

    [Test]
    public async Task A_cancelled_accept_loses_no_session()
    {
        await using var listener = await ListenAsync(TransportKind.Tcp);
        using var cancellation = new CancellationTokenSource();
        var accepting = listener.AcceptSessionAsync(cancellation.Token).AsTask();

        await cancellation.CancelAsync();
        await Fails.With<OperationCanceledException>(accepting);
        var client = await DialAsync(listener, TransportKind.Tcp);

        await CloseAsync(client, await listener.AcceptSessionAsync().Soon());
    }

    [Test]
    public async Task A_stalled_handshake_holds_up_nobody_else()
    {
        await using var listener = await ListenAsync(TransportKind.Tls);
        using var stalled = await ConnectRawAsync(listener);

        await using var client = await DialAsync(listener, TransportKind.Tls);
        await using var server = await listener.AcceptSessionAsync().Soon();

        Assert.That(server.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
    }

    [Test]
    public async Task A_stalled_handshake_is_dropped_at_its_timeout_on_the_sessions_clock()
    {
        var clock = new ManualTimeProvider();
        await using var listener = await ListenAsync(TransportKind.Tls, o =>
        {
            o.HandshakeTimeout = TimeSpan.FromMinutes(5);
            o.SessionOptions = new MuxadoSessionOptions { TimeProvider = clock };
        });
        using var stalled = await ConnectRawAsync(listener);
        var ending = stalled.ReceiveAsync(new byte[1]);

        await Timing.StaysPending(ending, "A handshake whose time has not come");
        await Timing.Until(
            () =>
            {
                clock.Advance(TimeSpan.FromMinutes(1));
                return ending.IsCompleted;
            },
            "the stalled connection is closed");

        Assert.That(await ending, Is.Zero);
    }

    [Test]
    public async Task A_failed_handshake_costs_its_connection_and_nothing_else()
    {
        await using var listener = await ListenAsync(TransportKind.Tls, o => o.Backlog = 1);

        // More than the backlog, so that a place that is not given back shows.
        for (var i = 0; i < 3; i++)
        {
            using var garbage = await ConnectRawAsync(listener);
            await garbage.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray()).Soon();
            await SeesTheEndAsync(garbage);
        }

        var client = await DialAsync(listener, TransportKind.Tls);
        await CloseAsync(client, await listener.AcceptSessionAsync().Soon());
    }

    [Test]
    public async Task Handshakes_under_way_are_bounded_by_the_backlog()
    {
        await using var listener = await ListenAsync(TransportKind.Tls, o => o.Backlog = 1);
        using var stalled = await ConnectRawAsync(listener);
        var dialling = DialAsync(listener, TransportKind.Tls);
        await Timing.StaysPending(dialling, "A handshake beyond the backlog");

        stalled.Dispose();

        await CloseAsync(await dialling.Soon(), await listener.AcceptSessionAsync().Soon());
    }

    // Linux hands such connections out, and their first operation fails; Windows fails the accept.
    [TestCase(SocketError.ConnectionReset, true)]
    [TestCase(SocketError.ConnectionAborted, true)]
    [TestCase(SocketError.TooManyOpenSockets, false)]
    [TestCase(SocketError.NoBufferSpaceAvailable, false)]
    public void A_peer_that_is_gone_before_it_is_accepted_holds_up_nobody_else(SocketError error, bool isOfOneConnection)
    {
        Assert.That(MuxadoListener.IsOfOneConnection(new SocketException((int)error)), Is.EqualTo(isOfOneConnection));
    }

    [Test]
    public async Task Disposing_ends_waiting_and_later_accepts()
    {
        var listener = await ListenAsync(TransportKind.Tcp);
        var accepting = listener.AcceptSessionAsync().AsTask();

        await listener.DisposeAsync().Soon();
        await listener.DisposeAsync().Soon();

        await Fails.With<ObjectDisposedException>(accepting);
        await Fails.With<ObjectDisposedException>(() => listener.AcceptSessionAsync().AsTask());
        await Fails.With<SocketException>(() => ConnectRawAsync(listener));
    }

    [Test]
    public async Task Disposing_aborts_sessions_that_nobody_accepted_and_spares_the_accepted()
    {
        var listener = await ListenAsync(TransportKind.Tcp);
        var client = await DialAsync(listener, TransportKind.Tcp);
        var server = await listener.AcceptSessionAsync().Soon();
        var unaccepted = await DialAsync(listener, TransportKind.Tcp);

        await listener.DisposeAsync().Soon();

        Assert.That((await unaccepted.Completion.Soon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
        Assert.That((client.Completion.IsCompleted, server.Completion.IsCompleted), Is.EqualTo((false, false)));
        await CloseAsync(client, server, unaccepted);
    }

    [Test]
    public async Task Disposing_drops_handshakes_under_way()
    {
        var listener = await ListenAsync(TransportKind.Tls);
        using var stalled = await ConnectRawAsync(listener);
        var client = await DialAsync(listener, TransportKind.Tls);
        await CloseAsync(client, await listener.AcceptSessionAsync().Soon()); // So the stalled one has been taken from the system.

        await listener.DisposeAsync().Soon();

        await SeesTheEndAsync(stalled);
    }

    [Test]
    public async Task A_unix_socket_file_that_exists_is_a_clear_error_and_is_left_alone()
    {
        var path = Path.Combine(Path.GetTempPath(), $"muxado-{Guid.NewGuid():N}.sock");
        await File.WriteAllTextAsync(path, "not ours");
        try
        {
            var failure = await Fails.With(
                MuxadoError.TransportFailed,
                () => MuxadoListener.ListenAsync(new MuxadoListenerOptions { ListenEndPoint = new UnixDomainSocketEndPoint(path) }).AsTask());

            Assert.That(failure.Message, Does.Contain(path).And.Contain("delete the file"));
            Assert.That(failure.InnerException, Is.InstanceOf<SocketException>());
            Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo("not ours"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public async Task A_unix_socket_file_is_deleted_on_disposal_and_the_path_is_free_again()
    {
        var listener = await ListenAsync(TransportKind.Unix);
        var path = listener.LocalEndPoint.ToString()!;
        Assert.That(File.Exists(path), Is.True);

        await listener.DisposeAsync().Soon();

        Assert.That(File.Exists(path), Is.False);
        await using var next = await MuxadoListener.ListenAsync(new MuxadoListenerOptions { ListenEndPoint = new UnixDomainSocketEndPoint(path) });
    }

    [Test]
    public async Task A_port_in_use_is_an_error_that_names_it()
    {
        await using var first = await ListenAsync(TransportKind.Tcp);

        var failure = await Fails.With(
            MuxadoError.TransportFailed,
            () => MuxadoListener.ListenAsync(new MuxadoListenerOptions { ListenEndPoint = first.LocalEndPoint }).AsTask());

        Assert.That(failure.Message, Does.Contain(first.LocalEndPoint.ToString()!));
    }

    [Test]
    public async Task Any_ipv6_address_means_any_ipv4_address_as_well()
    {
        Assume.That(Socket.OSSupportsIPv6);
        await using var listener = await MuxadoListener.ListenAsync(new MuxadoListenerOptions { ListenEndPoint = new IPEndPoint(IPAddress.IPv6Any, 0) });
        var port = ((IPEndPoint)listener.LocalEndPoint).Port;

        var client = await MuxadoSession.ConnectAsync(new MuxadoClientOptions { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, port) }).Soon();

        await CloseAsync(client, await listener.AcceptSessionAsync().Soon());
    }

    [Test]
    public async Task A_cancelled_token_binds_nothing()
    {
        var options = new MuxadoListenerOptions { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) };

        await Fails.With<OperationCanceledException>(() => MuxadoListener.ListenAsync(options, new CancellationToken(true)).AsTask());
    }

    [TestCase(nameof(MuxadoListenerOptions.ListenEndPoint))]
    [TestCase(nameof(MuxadoListenerOptions.HandshakeTimeout))]
    [TestCase(nameof(MuxadoListenerOptions.Backlog))]
    [TestCase(nameof(MuxadoListenerOptions.Tls))]
    [TestCase(nameof(MuxadoListenerOptions.SessionOptions))]
    [TestCase(nameof(MuxadoSessionOptions.AcceptBacklog))]
    public async Task A_wrong_option_is_named_at_once(string option)
    {
        var failure = await Fails.With<ArgumentException>(() => ListenAsync(TransportKind.Tcp, Spoil));

        Assert.That(failure.Message, Does.Contain(option));

        void Spoil(MuxadoListenerOptions options)
        {
            switch (option)
            {
                case nameof(MuxadoListenerOptions.ListenEndPoint):
                    options.ListenEndPoint = new DnsEndPoint("localhost", 0);
                    break;
                case nameof(MuxadoListenerOptions.HandshakeTimeout):
                    options.HandshakeTimeout = TimeSpan.Zero;
                    break;
                case nameof(MuxadoListenerOptions.Backlog):
                    options.Backlog = 0;
                    break;
                case nameof(MuxadoListenerOptions.Tls):
                    options.Tls = new();
                    break;
                case nameof(MuxadoListenerOptions.SessionOptions):
                    options.SessionOptions = null!;
                    break;
                default:
                    options.SessionOptions.AcceptBacklog = 0;
                    break;
            }
        }
    }

    private static async Task<MuxadoListener> ListenAsync(TransportKind kind, Action<MuxadoListenerOptions>? configure = null)
    {
        var options = new MuxadoListenerOptions
        {
            ListenEndPoint = kind == TransportKind.Unix
                ? new UnixDomainSocketEndPoint(Path.Combine(Path.GetTempPath(), $"muxado-{Guid.NewGuid():N}.sock"))
                : new IPEndPoint(IPAddress.Loopback, 0),
            Tls = kind == TransportKind.Tls ? TestCertificate.ServerOptions : null,
        };
        configure?.Invoke(options);
        return await MuxadoListener.ListenAsync(options);
    }

    private static async Task<MuxadoSession> DialAsync(MuxadoListener listener, TransportKind kind)
    {
        var options = new MuxadoClientOptions { RemoteEndPoint = listener.LocalEndPoint };
        if (kind == TransportKind.Tls)
        {
            options.Tls = TestCertificate.ClientOptions;
            options.Tls.TargetHost = "localhost";
        }

        return await MuxadoSession.ConnectAsync(options);
    }

    private static async Task<Socket> ConnectRawAsync(MuxadoListener listener)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(listener.LocalEndPoint).Soon();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Receives until the peer's end of the connection; a reset is an end too.</summary>
    private static async Task SeesTheEndAsync(Socket socket)
    {
        try
        {
            var buffer = new byte[1_000];
            while (await socket.ReceiveAsync(buffer).Soon() > 0)
            {
            }
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
        {
        }
    }

    private static async Task CloseAsync(params MuxadoSession[] sessions) =>
        await Task.WhenAll(sessions.Select(session => session.DisposeAsync().AsTask())).WaitAsync(TimeSpan.FromSeconds(15));
}
