using System.Net;
using System.Net.Sockets;
using Muxado.Fast.Tests.Support;
using Muxado.Fast.Transport;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Transport;

[TestFixture]
public sealed class BusyPollTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Short = TimeSpan.FromMicroseconds(100);

    private Socket _near = null!;
    private Socket _far = null!;

    [SetUp]
    public async Task ConnectAsync()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        _far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await _far.ConnectAsync(listener.LocalEndPoint!);
        _near = await listener.AcceptAsync();
    }

    [TearDown]
    public void Close()
    {
        _near?.Dispose();
        _far?.Dispose();
    }

    [Test]
    public void Bytes_and_the_end_are_found_at_once()
    {
        var poll = BusyPollOf(Long);
        _far.Send(new byte[1]);
        Assert.That(poll.Wait(_near), Is.True);
        _near.Receive(new byte[1]);
        _far.Shutdown(SocketShutdown.Send);
        Assert.That(poll.Wait(_near), Is.True);
    }

    [Test]
    public void Bytes_that_come_meanwhile_are_found()
    {
        var poll = BusyPollOf(Long);
        var sending = Task.Run(() => _far.Send(new byte[1]));
        Assert.That(poll.Wait(_near), Is.True);
        Assert.That(sending.Wait(Long), Is.True);
    }

    [Test]
    public void A_closed_socket_is_left_to_the_receive() => Assert.That(
        () =>
        {
            _near.Dispose();
            return BusyPollOf(Long).Wait(_near);
        },
        Is.True);

    [Test]
    public void It_ends_when_its_time_is_over() => Assert.That(BusyPollOf(Short).Wait(_near), Is.False);

    [Test]
    public async Task It_ends_when_it_is_interrupted()
    {
        var poll = BusyPollOf(TimeSpan.FromHours(1));
        poll.Prepare();
        var waiting = Task.Factory.StartNew(() => poll.Wait(_near), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.Run(poll.Interrupt).Soon();
        Assert.That(await waiting.Soon(), Is.False);
    }

    [Test]
    public void A_slow_peer_is_given_up_on_and_looked_at_again_now_and_then()
    {
        var poll = BusyPollOf(Short);
        while (poll.IsWorthwhile())
            poll.Wait(_near);

        // The question that ended the loop was the first of a row.
        var tries = Enumerable.Range(0, 640).Count(_ => poll.IsWorthwhile());
        Assert.That(tries, Is.EqualTo(10));

        _far.Send(new byte[1]);
        Assert.That(_near.Poll(Long, SelectMode.SelectRead), Is.True);
        poll.Wait(_near);
        Assert.That(poll.IsWorthwhile(), Is.True, "the peer was quick again");
    }

    [Test]
    public void It_can_be_given_up_on_at_once()
    {
        var poll = BusyPollOf(Short);
        poll.GiveUp();
        Assert.That(poll.IsWorthwhile(), Is.False);
    }

    [Test]
    public void Zero_turns_it_off() => Assert.That(BusyPollOf(TimeSpan.Zero).IsWorthwhile(), Is.False);

    [Test]
    public void It_leaves_it_alone_where_others_poll_already() => Assert.That(new BusyPoll(Long, mostPollers: 0).Wait(_near), Is.False);

    [Test]
    public async Task Records_are_polled_for_where_that_is_asked_for_and_once_only()
    {
        await using var records = new RecordStream(new NetworkStream(_near, ownsSocket: false)) { Poll = BusyPollOf(Long) };
        var sending = Task.Run(() => _far.Send(new byte[3]));

        // As TLS reads: with an empty buffer, to be told that there is something, and then for it.
        var readable = records.ReadAsync(Memory<byte>.Empty);
        Assert.That(readable.IsCompletedSuccessfully, Is.True, "it came while it was polled for");
        Assert.That(records.Poll, Is.Null);
        Assert.That(await records.ReadAsync(new byte[8]), Is.EqualTo(3));

        await sending;
        _far.Shutdown(SocketShutdown.Send);
        records.Poll = BusyPollOf(Long);
        Assert.That(await records.ReadAsync(new byte[8]), Is.Zero, "the end");
    }

    [Test]
    [CancelAfter(20_000)]
    public async Task What_is_behind_the_one_continuation_that_blocks_is_rescued([Values(TransportKind.Tcp, TransportKind.Unix)] TransportKind kind, CancellationToken cancellationToken)
    {
        await using var pair = await SessionPair.ConnectAsync(kind);
        await using var first = pair.Client.OpenStream();
        await using var second = pair.Client.OpenStream();
        await first.WriteAsync(new byte[1], cancellationToken);
        await second.WriteAsync(new byte[1], cancellationToken);
        await using var acceptedFirst = await pair.Server.AcceptStreamAsync(cancellationToken);
        await using var acceptedSecond = await pair.Server.AcceptStreamAsync(cancellationToken);
        using var gate = new ManualResetEventSlim();

        // A conversation: only then does the receive wait for the continuation.
        var message = new byte[1];
        for (var i = 0; i < 50; i++)
        {
            await acceptedFirst.ReadExactlyAsync(message, cancellationToken);
            await acceptedFirst.WriteAsync(message, cancellationToken);
            await first.ReadExactlyAsync(message, cancellationToken);
            await first.WriteAsync(message, cancellationToken);
        }

        await Task.Yield(); // Off the thread that received: it is to be blocked, and not by this test.
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var blocking = BlockAsync();
        await acceptedFirst.WriteAsync(new byte[1], cancellationToken);
        await blocked.Task.WaitAsync(cancellationToken);
        await acceptedSecond.WriteAsync(new byte[1], cancellationToken);
        var count = await second.ReadAsync(new byte[1], cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(5), cancellationToken);
        gate.Set();

        Assert.That(count, Is.EqualTo(1));
        Assert.That(await blocking, Is.True, "the gate opened because the second stream went on");

        async Task<bool> BlockAsync()
        {
            await first.ReadAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
            blocked.SetResult();
            return gate.Wait(TimeSpan.FromSeconds(10), CancellationToken.None);
        }
    }

    // As many as like: what sessions of other tests still do is nothing to these.
    private static BusyPoll BusyPollOf(TimeSpan atMost) => new(atMost, int.MaxValue);
}
