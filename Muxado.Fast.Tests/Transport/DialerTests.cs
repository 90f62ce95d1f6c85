using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Muxado.Fast.Tests.Support;
using Muxado.Fast.Transport;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Transport;

public sealed class DialerTests
{
    private Socket _listening = null!;

    private int Port => ((IPEndPoint)_listening.LocalEndPoint!).Port;

    [SetUp]
    public void Listen()
    {
        _listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listening.Listen();
    }

    [TearDown]
    public void StopListening() => _listening.Dispose();

    [Test]
    public async Task A_host_name_and_an_address_are_dialled([Values("name", "address")] string how)
    {
        EndPoint remote = how == "name" ? new DnsEndPoint("localhost", Port) : new IPEndPoint(IPAddress.Loopback, Port);

        using var transport = await Dialer.ConnectAsync(remote, tls: null, CancellationToken.None).Soon();
        using var accepted = await _listening.AcceptAsync().Soon();

        Assert.That(transport, Is.InstanceOf<SocketTransport>());
        Assert.That(((IPEndPoint)transport.RemoteEndPoint!).Port, Is.EqualTo(Port));
    }

    [Test]
    public async Task A_unix_domain_socket_is_dialled()
    {
        var path = new UnixDomainSocketEndPoint(Path.Combine(Path.GetTempPath(), $"muxado-{Guid.NewGuid():N}.sock"));
        using var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(path);
        listening.Listen();

        using var transport = await Dialer.ConnectAsync(path, tls: null, CancellationToken.None).Soon();

        Assert.That(transport.RemoteEndPoint, Is.InstanceOf<UnixDomainSocketEndPoint>());
    }

    [Test]
    public async Task An_end_point_of_another_kind_is_refused_with_the_kinds_that_work()
    {
        var failure = await Fails.With<ArgumentException>(() => Dialer.ConnectAsync(new OddEndPoint(), tls: null, CancellationToken.None).AsTask());

        Assert.That(failure.Message, Does.Contain(nameof(OddEndPoint)).And.Contain(nameof(IPEndPoint)));
    }

    [Test]
    public async Task Nobody_listening_is_a_socket_exception()
    {
        var remote = new IPEndPoint(IPAddress.Loopback, Port);
        _listening.Dispose();

        var failure = await Fails.With<SocketException>(() => Dialer.ConnectAsync(remote, tls: null, CancellationToken.None).AsTask());

        Assert.That(failure.SocketErrorCode, Is.EqualTo(SocketError.ConnectionRefused));
    }

    [Test]
    public async Task The_host_name_of_the_end_point_is_the_one_that_tls_checks()
    {
        var dialling = Dialer.ConnectAsync(new DnsEndPoint("localhost", Port), TestCertificate.ClientOptions, CancellationToken.None).AsTask();
        await using var server = await AcceptTlsAsync();
        await server.Handshake.Soon();

        using var transport = await dialling.Soon();

        Assert.That(((IPEndPoint)transport.RemoteEndPoint!).Port, Is.EqualTo(Port));
        Assert.That(transport.LocalEndPoint, Is.InstanceOf<IPEndPoint>());
    }

    [Test]
    public async Task A_certificate_for_another_name_is_refused()
    {
        var dialling = Dialer.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), TestCertificate.ClientOptions, CancellationToken.None).AsTask();
        await using var server = await AcceptTlsAsync();

        await Fails.With<AuthenticationException>(dialling);

        await server.SeesTheEndAsync();
    }

    [Test]
    public async Task An_unknown_issuer_is_refused_when_the_options_say_nothing()
    {
        var dialling = Dialer.ConnectAsync(new DnsEndPoint("localhost", Port), new SslClientAuthenticationOptions(), CancellationToken.None).AsTask();
        await using var server = await AcceptTlsAsync();

        await Fails.With<AuthenticationException>(dialling);

        await server.SeesTheEndAsync();
    }

    [Test]
    public async Task Cancelling_during_the_handshake_closes_the_connection()
    {
        using var cancellation = new CancellationTokenSource();
        var dialling = Dialer.ConnectAsync(new DnsEndPoint("localhost", Port), TestCertificate.ClientOptions, cancellation.Token).AsTask();
        using var accepted = await _listening.AcceptAsync().Soon();
        var hello = new byte[16 * 1024];
        Assert.That(await accepted.ReceiveAsync(hello).Soon(), Is.Positive);

        await cancellation.CancelAsync();

        await Fails.With<OperationCanceledException>(dialling);
        await SeesTheEndAsync(accepted);
    }

    [Test]
    public async Task A_cancelled_token_dials_nothing()
    {
        await Fails.With<OperationCanceledException>(
            () => Dialer.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), tls: null, new CancellationToken(true)).AsTask());

        Assert.That(_listening.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead), Is.False);
    }

    [Test]
    public void Naming_the_host_copies_every_other_tls_option_and_leaves_the_users_alone()
    {
        var options = new SslClientAuthenticationOptions
        {
            AllowRenegotiation = true,
            AllowTlsResume = false,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            CertificateChainPolicy = new X509ChainPolicy(),
            CertificateRevocationCheckMode = X509RevocationMode.Offline,
            ClientCertificateContext = SslStreamCertificateContext.Create(TestCertificate.Value, additionalCertificates: null, offline: true),
            ClientCertificates = [],
            EnabledSslProtocols = SslProtocols.Tls13,
#pragma warning disable SYSLIB0040 // Any value but the default shows whether it is copied.
            EncryptionPolicy = EncryptionPolicy.AllowNoEncryption,
#pragma warning restore SYSLIB0040
            LocalCertificateSelectionCallback = (_, _, _, _, _) => null!,
            RemoteCertificateValidationCallback = (_, _, _, _) => false,
        };
        if (OperatingSystem.IsLinux())
        {
            options.CipherSuitesPolicy = new CipherSuitesPolicy([TlsCipherSuite.TLS_AES_128_GCM_SHA256]);
            options.AllowRsaPkcs1Padding = false;
            options.AllowRsaPssPadding = false;
        }

        var named = Dialer.WithTargetHost(options, new DnsEndPoint("example.org", 443));

        Assert.That(options.TargetHost, Is.Null.Or.Empty);
        Assert.That(named.TargetHost, Is.EqualTo("example.org"));
        foreach (var property in typeof(SslClientAuthenticationOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.Name != nameof(SslClientAuthenticationOptions.TargetHost))
                Assert.That(property.GetValue(named), Is.EqualTo(property.GetValue(options)), property.Name);
        }
    }

    [Test]
    public void A_host_that_the_options_name_is_kept()
    {
        var options = new SslClientAuthenticationOptions { TargetHost = "example.net" };

        Assert.That(Dialer.WithTargetHost(options, new DnsEndPoint("example.org", 443)), Is.SameAs(options));
    }

    /// <summary>Accepts the connection, and begins the handshake on it.</summary>
    private async Task<TlsServer> AcceptTlsAsync()
    {
        var accepted = await _listening.AcceptAsync().Soon();
        var tls = new SslStream(new NetworkStream(accepted, ownsSocket: true));
        return new TlsServer(accepted, tls, tls.AuthenticateAsServerAsync(TestCertificate.ServerOptions));
    }

    /// <summary>Receives up to the end of the connection, which may be a reset.</summary>
    private static async Task SeesTheEndAsync(Socket accepted)
    {
        var buffer = new byte[1_000];
        try
        {
            while (await accepted.ReceiveAsync(buffer).Soon() > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Closed all the same.
        }
    }

    private sealed class TlsServer(Socket accepted, SslStream tls, Task handshake) : IAsyncDisposable
    {
        public Task Handshake => handshake;

        /// <summary>Sees the connection end below TLS, which could not tell the end from its own failure.</summary>
        public async Task SeesTheEndAsync()
        {
            try
            {
                await handshake.Soon();
            }
            catch (Exception refusal) when (refusal is AuthenticationException or IOException)
            {
                // It may come during the handshake or after it.
            }

            await DialerTests.SeesTheEndAsync(accepted);
        }

        public ValueTask DisposeAsync() => tls.DisposeAsync();
    }

    private sealed class OddEndPoint : EndPoint;
}
