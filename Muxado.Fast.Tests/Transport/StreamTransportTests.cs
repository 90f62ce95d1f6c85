using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Muxado.Fast.Tests.Support;
using Muxado.Fast.Transport;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Transport;

[TestFixture("pipe")]
[TestFixture("network")]
[TestFixture("tls")]
[TestFixture("tls, made here")]
public sealed class StreamTransportTests(string kind) : TransportContract
{
    [Test]
    public void Nothing_is_ever_sent_without_a_copy()
    {
        Assert.That(Near.Transport.CanSendWithoutCopy, Is.False);
        Assert.That(Near.Transport.TrySend(new byte[10]), Is.Zero);
        Assert.That(Near.Transport.TrySend(new List<ArraySegment<byte>> { new byte[10] }), Is.Zero);
    }

    [Test]
    public async Task After_our_end_the_peer_reads_the_last_bytes_and_can_still_answer()
    {
        await Near.SendAsync(Pattern.Bytes(1_000)).Soon();
        Near.Transport.ShutdownSend();

        Pattern.Verify(await Far.ReceiveExactlyAsync(1_000).Soon(), from: 0);
        // A stream in general cannot tell of an end without being disposed.
        if (kind != "pipe")
            Assert.That(await Far.ReceiveAsync(new byte[10]).Soon(), Is.EqualTo(new TransportResult(0)));
        await Far.SendAsync(Pattern.Bytes(500)).Soon();
        Pattern.Verify(await Near.ReceiveExactlyAsync(500).Soon(), from: 0);
    }

    [Test]
    public void The_end_points_are_those_of_the_socket_beneath()
    {
        var (local, remote) = (Near.Transport.LocalEndPoint, Near.Transport.RemoteEndPoint);

        if (kind == "pipe")
        {
            Assert.That((local, remote), Is.EqualTo(((EndPoint?)null, (EndPoint?)null)));
        }
        else
        {
            Assert.That(local, Is.EqualTo(Far.Transport.RemoteEndPoint).And.InstanceOf<IPEndPoint>());
            Assert.That(remote, Is.EqualTo(Far.Transport.LocalEndPoint).And.InstanceOf<IPEndPoint>());
        }
    }

    protected override bool CanHalfClose => kind != "pipe";

    protected override bool IsTcp => kind != "pipe";

    private protected override async Task<(ByteTransport Near, ByteTransport Far)> CreatePairAsync()
    {
        if (kind == "pipe")
        {
            var (toFar, toNear) = (new Pipe(), new Pipe());
            return (new StreamTransport(new PipeStream(toNear.Reader, toFar.Writer)), new StreamTransport(new PipeStream(toFar.Reader, toNear.Writer)));
        }

        var (nearSocket, farSocket) = await SessionPair.ConnectSocketsAsync(TransportKind.Tcp);
        if (kind == "tls, made here")
        {
            var client = TestCertificate.ClientOptions;
            client.TargetHost = "localhost";
            var connecting = TlsTransport.AuthenticateAsClientAsync(nearSocket, client, CancellationToken.None);
            var accepting = TlsTransport.AuthenticateAsServerAsync(farSocket, TestCertificate.ServerOptions, CancellationToken.None);
            return (await connecting.Soon(), await accepting.Soon());
        }

        var near = new NetworkStream(nearSocket, ownsSocket: true);
        var far = new NetworkStream(farSocket, ownsSocket: true);
        if (kind == "network")
            return (new StreamTransport(near), new StreamTransport(far));

        var (nearTls, farTls) = (new SslStream(near), new SslStream(far));
        var options = TestCertificate.ClientOptions;
        options.TargetHost = "localhost";
        await Task.WhenAll(nearTls.AuthenticateAsClientAsync(options), farTls.AuthenticateAsServerAsync(TestCertificate.ServerOptions)).Soon();
        return (new StreamTransport(nearTls, nearSocket), new StreamTransport(farTls, farSocket));
    }
}
