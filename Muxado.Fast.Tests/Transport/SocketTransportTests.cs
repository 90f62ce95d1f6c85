using System.Net;
using System.Net.Sockets;
using Muxado.Fast.Tests.Support;
using Muxado.Fast.Transport;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Transport;

[TestFixture(TransportKind.Tcp)]
[TestFixture(TransportKind.Unix)]
public sealed class SocketTransportTests(TransportKind kind) : TransportContract
{
    private Socket _nearSocket = null!;
    private Socket _farSocket = null!;

    [Test]
    public async Task A_try_send_takes_part_of_the_bytes_when_the_socket_buffer_is_full_and_then_none()
    {
        var bytes = Pattern.Bytes(MoreThanAnyBuffer);

        var taken = Near.Transport.TrySend(bytes);
        while (Near.Transport.TrySend(bytes.AsSpan(taken)) is > 0 and var more)
            taken += more;

        Assert.That(taken, Is.InRange(1, MoreThanAnyBuffer - 1));
        Pattern.Verify(await Far.ReceiveExactlyAsync(taken).Soon(), from: 0);
    }

    [Test]
    public async Task A_gathered_try_send_cut_short_anywhere_loses_and_repeats_nothing()
    {
        var bytes = Pattern.Bytes(MoreThanAnyBuffer);
        var segments = new List<ArraySegment<byte>>();
        var receiving = Far.ReceiveExactlyAsync(bytes.Length);
        var sent = 0;
        while (sent < bytes.Length)
        {
            segments.Clear();
            for (var at = sent; at < bytes.Length && segments.Count < 7; at += 70_001)
                segments.Add(new ArraySegment<byte>(bytes, at, Math.Min(70_001, bytes.Length - at)));
            var taken = Near.Transport.TrySend(segments);
            sent += taken;
            if (taken == 0)
            {
                // Full: wait as a session does, by a send that waits.
                var rest = bytes.AsMemory(sent, Math.Min(1_000, bytes.Length - sent));
                sent += (await Near.SendAsync(rest).Soon()).Bytes;
            }
        }

        Assert.That(sent, Is.EqualTo(bytes.Length));
        Pattern.Verify(await receiving.Soon(), from: 0);
    }

    [Test]
    public async Task After_our_end_the_peer_reads_the_last_bytes_and_the_end_and_can_still_answer()
    {
        await Near.SendAsync(Pattern.Bytes(1_000)).Soon();
        Near.Transport.ShutdownSend();
        Near.Transport.ShutdownSend();

        Pattern.Verify(await Far.ReceiveExactlyAsync(1_000).Soon(), from: 0);
        Assert.That(await Far.ReceiveAsync(new byte[10]).Soon(), Is.EqualTo(new TransportResult(0)));
        await Far.SendAsync(Pattern.Bytes(500)).Soon();
        Pattern.Verify(await Near.ReceiveExactlyAsync(500).Soon(), from: 0);
    }

    [Test]
    public async Task After_our_end_disposal_under_a_pending_receive_lets_the_peer_read_everything()
    {
        var receiving = Near.ReceiveAsync(new byte[10]);
        await Near.SendAsync(Pattern.Bytes(10_000)).Soon();
        Near.Transport.ShutdownSend();
        Near.Dispose();
        await receiving.Soon();

        Pattern.Verify(await Far.ReceiveExactlyAsync(10_000).Soon(), from: 0);
        Assert.That(await Far.ReceiveAsync(new byte[10]).Soon(), Is.EqualTo(new TransportResult(0)));
    }

    [Test]
    public async Task A_peer_that_breaks_off_is_an_error_of_sends_and_the_end_or_an_error_of_the_receive()
    {
        var receiving = Near.ReceiveAsync(new byte[10]);
        _farSocket.LingerState = new LingerOption(enable: true, seconds: 0);
        Far.Dispose();

        // Only TCP can tell a reset from an end.
        Assert.That((await receiving.Soon()).Error, kind == TransportKind.Tcp ? Is.InstanceOf<SocketException>() : Is.Null);
        Assert.That(Near.Transport.TrySend(new byte[10]), Is.Zero);
        Assert.That((await Near.SendAsync(new byte[10]).Soon()).Error, Is.InstanceOf<SocketException>());
    }

    [Test]
    public void Small_segments_are_never_held_back()
    {
        Assert.That(_nearSocket.Blocking, Is.False);
        if (kind == TransportKind.Tcp)
            Assert.That(_nearSocket.NoDelay, Is.True);
    }

    [Test]
    public void The_end_points_are_known_also_after_disposal()
    {
        Near.Dispose();

        if (kind == TransportKind.Tcp)
        {
            Assert.That(Near.Transport.LocalEndPoint, Is.EqualTo(Far.Transport.RemoteEndPoint).And.InstanceOf<IPEndPoint>());
            Assert.That(Near.Transport.RemoteEndPoint, Is.EqualTo(Far.Transport.LocalEndPoint));
        }
        else
        {
            Assert.That(Near.Transport.RemoteEndPoint, Is.InstanceOf<UnixDomainSocketEndPoint>());
        }
    }

    [Test]
    public async Task A_disposed_transport_never_begins_an_operation_that_another_has_by_now()
    {
        var stale = Near;
        stale.Dispose();
        Far.Dispose();
        await Connect();

        // Busy with the operations that the first pair gave back.
        var receiving = Near.ReceiveAsync(new byte[10]);
        var other = Far.ReceiveAsync(new byte[10]);
        Assert.That((await stale.ReceiveAsync(new byte[10]).Soon()).Error, Is.InstanceOf<ObjectDisposedException>());
        Assert.That((await stale.SendAsync(new byte[10]).Soon()).Error, Is.InstanceOf<ObjectDisposedException>());

        await Far.SendAsync(Pattern.Bytes(10)).Soon();
        await Near.SendAsync(Pattern.Bytes(10)).Soon();
        Assert.That(await receiving.Soon(), Is.EqualTo(new TransportResult(10)));
        Assert.That(await other.Soon(), Is.EqualTo(new TransportResult(10)));
    }

    [Test]
    public void An_operation_that_was_given_back_serves_again_without_allocating()
    {
        var transport = (SocketTransport)Near.Transport;
        SocketOperation.Rent(transport, isReceive: true).Return();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            SocketOperation.Rent(transport, isReceive: true).Return();

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    protected override bool IsTcp => kind == TransportKind.Tcp;

    private protected override async Task<(ByteTransport Near, ByteTransport Far)> CreatePairAsync()
    {
        (_nearSocket, _farSocket) = await SessionPair.ConnectSocketsAsync(kind);
        return (new SocketTransport(_nearSocket), new SocketTransport(_farSocket));
    }
}
