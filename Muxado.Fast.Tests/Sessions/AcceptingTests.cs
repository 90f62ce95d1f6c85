using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class AcceptingTests
{
    /// <summary>A stream without data: its SYN leaves at once.</summary>
    private static readonly MuxadoStreamOptions s_empty = new() { CompleteWrites = true };

    private SessionPair _pair = null!;

    [SetUp]
    public async Task Connect() => _pair = await SessionPair.ConnectAsync();

    [TearDown]
    public async Task Close() => await _pair.DisposeAsync();

    [Test]
    public async Task A_cancelled_accept_loses_no_stream()
    {
        var random = new Random(3);
        var (accepted, cancelled) = (0, 0);
        for (var i = 0; i < 500; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var accepting = _pair.Server.AcceptStreamAsync(cancellation.Token).AsTask();
            var opening = Task.Run(() => _pair.Client.OpenStream(s_empty).Id);
            for (var patience = random.Next(300); patience > 0 && !accepting.IsCompleted; patience--)
                Thread.SpinWait(20);

            await cancellation.CancelAsync();
            try
            {
                Assert.That((await accepting.Soon()).Id, Is.EqualTo(await opening));
                accepted++;
            }
            catch (OperationCanceledException)
            {
                Assert.That((await _pair.Server.AcceptStreamAsync().Soon()).Id, Is.EqualTo(await opening));
                cancelled++;
            }
        }

        TestContext.Out.WriteLine($"{accepted} accepted at once, {cancelled} cancelled before");
        Assert.That(cancelled, Is.Positive);
    }

    [Test]
    public async Task Accepting_with_a_cancelled_token_fails_and_leaves_the_stream_waiting()
    {
        var opened = _pair.Client.OpenStream(s_empty);
        await Timing.Until(() => _pair.Server.ActiveStreams == 1, "the stream has arrived");

        await Fails.With<OperationCanceledException>(() => _pair.Server.AcceptStreamAsync(new CancellationToken(true)).AsTask());

        Assert.That((await _pair.Server.AcceptStreamAsync().Soon()).Id, Is.EqualTo(opened.Id));
    }

    [Test]
    public async Task Many_acceptors_share_the_streams()
    {
        var accepting = Enumerable.Range(0, 100).Select(_ => _pair.Server.AcceptStreamAsync().AsTask()).ToList();

        for (var i = 0; i < 100; i++)
            _pair.Client.OpenStream(s_empty);

        var accepted = await Task.WhenAll(accepting).Soon();
        Assert.That(accepted.Select(stream => stream.Id), Is.Unique);
    }

    [Test]
    public async Task Cancelling_one_of_many_acceptors_leaves_the_others_waiting()
    {
        using var cancellation = new CancellationTokenSource();
        var first = _pair.Server.AcceptStreamAsync().AsTask();
        var doomed = _pair.Server.AcceptStreamAsync(cancellation.Token).AsTask();
        var last = _pair.Server.AcceptHandleAsync().AsTask();

        await cancellation.CancelAsync();
        await Fails.With<OperationCanceledException>(doomed);
        _pair.Client.OpenStream(s_empty);
        _pair.Client.OpenStream(s_empty);

        await first.Soon();
        await last.Soon();
    }

    [Test]
    public async Task Enumerating_yields_every_stream_and_ends_with_the_session()
    {
        var enumerating = CountAsync();
        for (var i = 0; i < 10; i++)
            _pair.Client.OpenStream(s_empty);

        await Timing.Until(() => _pair.Server.ActiveStreams >= 10, "all streams have arrived");
        await _pair.Client.CloseAsync().Soon();

        Assert.That(await enumerating.Soon(), Is.EqualTo(10));

        async Task<int> CountAsync()
        {
            var count = 0;
            await foreach (var _ in _pair.Server.AcceptStreamsAsync())
                count++;

            return count;
        }
    }

    [Test]
    public async Task Enumerating_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        await using var streams = _pair.Server.AcceptStreamsAsync(cancellation.Token).GetAsyncEnumerator(CancellationToken.None);
        var next = streams.MoveNextAsync().AsTask();

        await cancellation.CancelAsync();

        await Fails.With<OperationCanceledException>(next);
    }

    [Test]
    public async Task A_waiting_accept_fails_with_the_reason_when_the_session_ends()
    {
        var accepting = _pair.Server.AcceptStreamAsync().AsTask();

        _pair.Server.Abort();

        await Fails.With(MuxadoError.SessionAborted, accepting);
        await Fails.With(MuxadoError.SessionAborted, () => _pair.Server.AcceptStreamAsync().AsTask());
    }

    [Test]
    public async Task A_waiting_accept_fails_when_the_peer_closes_the_session()
    {
        var accepting = _pair.Server.AcceptStreamAsync().AsTask();

        await _pair.Client.CloseAsync().Soon();

        await Fails.With(MuxadoError.SessionClosed, accepting);
    }

    [Test]
    public async Task Streams_that_nobody_accepted_are_let_go_with_their_session([Values] bool peerEndsFirst)
    {
        var before = BlockPool.Shared.Outstanding;
        for (var i = 0; i < 10; i++)
            await _pair.Client.OpenStream().WriteAsync(Pattern.Bytes(10_000)).Soon();

        await Timing.Until(() => BlockPool.Shared.Outstanding >= before + 10, "all data has arrived");

        if (peerEndsFirst)
        {
            _pair.Client.Abort();
            await _pair.Server.Completion.Soon();
        }

        await _pair.Server.DisposeAsync();

        await Timing.Until(() => BlockPool.Shared.Outstanding <= before, "what they held is back");
    }
}
