using Muxado.Fast.Tests.Support;
using Muxado.Fast.Transport;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Transport;

/// <summary>What every transport promises, tested on a connected pair of each kind.</summary>
public abstract class TransportContract
{
    private protected const int MoreThanAnyBuffer = 16 * 1024 * 1024;

    /// <summary>Whether it can end its own bytes and go on receiving.</summary>
    protected virtual bool CanHalfClose => true;

    /// <summary>Whether there is TCP beneath, and it is known.</summary>
    protected abstract bool IsTcp { get; }

    private protected TransportEnd Near { get; private set; } = null!;

    private protected TransportEnd Far { get; private set; } = null!;

    [SetUp]
    public async Task Connect()
    {
        var (near, far) = await CreatePairAsync();
        Near = new TransportEnd(near);
        Far = new TransportEnd(far);
    }

    [TearDown]
    public void Disconnect()
    {
        Near.Dispose();
        Far.Dispose();
        Assert.That((Near.StrayCallbacks, Far.StrayCallbacks), Is.EqualTo((0, 0)), "an operation ended more than once");
    }

    [Test]
    public async Task Bytes_arrive_as_they_were_sent_both_ways_at_once()
    {
        const int Count = 1_000_000;

        var fromNear = Near.SendAsync(Pattern.Bytes(Count, from: 1));
        var fromFar = Far.SendAsync(Pattern.Bytes(Count, from: 2));
        var atFar = Far.ReceiveExactlyAsync(Count);
        var atNear = Near.ReceiveExactlyAsync(Count);

        Assert.That(await fromNear.Soon(), Is.EqualTo(new TransportResult(Count)));
        Assert.That(await fromFar.Soon(), Is.EqualTo(new TransportResult(Count)));
        Pattern.Verify(await atFar.Soon(), from: 1);
        Pattern.Verify(await atNear.Soon(), from: 2);
    }

    [Test]
    public async Task What_the_peers_system_has_acknowledged_is_told_where_there_is_tcp_on_linux()
    {
        const int Count = 10_000;
        var before = Near.Transport.AcknowledgedBytes;
        await Near.SendAsync(Pattern.Bytes(Count)).Soon();
        await Far.ReceiveExactlyAsync(Count).Soon();

        if (IsTcp && OperatingSystem.IsLinux())
            await Timing.Until(() => Near.Transport.AcknowledgedBytes >= before + Count, "all is acknowledged");
        else
            Assert.That(Near.Transport.AcknowledgedBytes, Is.Zero);
        Near.Dispose();
        await Timing.Until(() => Near.Transport.AcknowledgedBytes == 0, "a disposed transport tells nothing, and throws nothing");
    }

    [Test]
    public async Task A_receive_waits_for_the_first_byte_and_takes_what_is_there()
    {
        var buffer = new byte[100];
        var receiving = Near.ReceiveAsync(buffer);
        await Timing.StaysPending(receiving, "A receive without data");

        await Far.SendAsync(Pattern.Bytes(10)).Soon();

        Assert.That(await receiving.Soon(), Is.EqualTo(new TransportResult(10)));
        Pattern.Verify(buffer.AsSpan(0, 10), from: 0);
    }

    [Test]
    public async Task Waiting_bytes_are_received_on_the_spot_or_soon_after()
    {
        await Far.SendAsync(Pattern.Bytes(10)).Soon();

        Pattern.Verify(await Near.ReceiveExactlyAsync(10).Soon(), from: 0);
    }

    [Test]
    public async Task A_send_beyond_what_the_peer_takes_waits_for_the_peer()
    {
        var sending = Near.SendAsync(Pattern.Bytes(MoreThanAnyBuffer));
        await Timing.StaysPending(sending, "A send that nobody receives");

        Pattern.Verify(await Far.ReceiveExactlyAsync(MoreThanAnyBuffer).Soon(), from: 0);

        Assert.That(await sending.Soon(), Is.EqualTo(new TransportResult(MoreThanAnyBuffer)));
    }

    [Test]
    public async Task After_its_sending_side_is_shut_it_receives_on_and_the_peer_sees_the_end()
    {
        const int Count = 1_000_000;
        var atNear = Near.ReceiveExactlyAsync(Count);

        Assert.That(Near.Transport.ShutdownSend(), Is.EqualTo(CanHalfClose));
        if (!CanHalfClose)
            return;

        Assert.That(await Far.ReceiveAsync(new byte[100]).Soon(), Is.EqualTo(new TransportResult(0)));
        Assert.That(await Far.SendAsync(Pattern.Bytes(Count, from: 3)).Soon(), Is.EqualTo(new TransportResult(Count)));
        Pattern.Verify(await atNear.Soon(), from: 3);
    }

    [Test]
    public async Task Its_sending_side_is_shut_amid_what_the_peer_sends_and_no_byte_is_lost()
    {
        const int Count = 4_000_000;
        var fromFar = Far.SendAsync(Pattern.Bytes(Count, from: 4));
        var first = await Near.ReceiveExactlyAsync(Count / 4).Soon();
        var rest = Near.ReceiveExactlyAsync(Count - (Count / 4));

        Assert.That(Near.Transport.ShutdownSend(), Is.EqualTo(CanHalfClose));
        if (!CanHalfClose)
            return;

        Pattern.Verify([.. first, .. await rest.Soon()], from: 4);
        Assert.That(await fromFar.Soon(), Is.EqualTo(new TransportResult(Count)));
        Assert.That(await Far.ReceiveAsync(new byte[100]).Soon(), Is.EqualTo(new TransportResult(0)));
    }

    [Test]
    public async Task Disposing_ends_a_pending_receive_with_an_error_soon()
    {
        var receiving = Near.ReceiveAsync(new byte[100]);
        await Timing.StaysPending(receiving, "A receive without data");

        Near.Dispose();

        Assert.That((await receiving.Soon()).Error, Is.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Disposing_ends_a_pending_send_with_an_error_soon()
    {
        var sending = Near.SendAsync(new byte[MoreThanAnyBuffer]);
        await Timing.StaysPending(sending, "A send that nobody receives");

        Near.Dispose();

        Assert.That((await sending.Soon()).Error, Is.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task After_disposal_every_operation_fails_by_value_and_none_throws()
    {
        Near.Dispose();
        Near.Dispose();
        Near.Transport.ShutdownSend();

        Assert.That((await Near.ReceiveAsync(new byte[10]).Soon()).Error, Is.Not.Null);
        Assert.That((await Near.SendAsync(new byte[10]).Soon()).Error, Is.Not.Null);
        Assert.That(Near.Transport.TrySend(new byte[10]), Is.Zero);
        Assert.That(Near.Transport.TrySend(new List<ArraySegment<byte>> { new byte[10] }), Is.Zero);
    }

    [Test]
    public async Task The_peers_disposal_ends_receiving_by_the_end_or_an_error()
    {
        var receiving = Near.ReceiveAsync(new byte[10]);
        Far.Dispose();

        var result = await receiving.Soon();

        Assert.That(result.Bytes, Is.Zero);
    }

    [Test]
    public async Task Disposal_races_with_operations_that_begin_and_each_still_ends_once()
    {
        for (var round = 0; round < 50; round++)
        {
            await Far.SendAsync(new byte[100]).Soon();
            var (near, far) = (Near, Far);
            var echoing = Task.Run(async () =>
            {
                var buffer = new byte[1_000];
                while (await near.ReceiveAsync(buffer) is { Error: null, Bytes: > 0 })
                    await far.SendAsync(new byte[100]);
            });
            await Task.Yield();
            near.Dispose();
            await echoing.Soon();

            Disconnect();
            await Connect();
        }
    }

    private protected abstract Task<(ByteTransport Near, ByteTransport Far)> CreatePairAsync();
}
