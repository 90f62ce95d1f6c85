using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class ShutdownTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task Shutting_down_waits_for_live_streams_and_then_closes_in_order([Values] bool fromClient)
    {
        var leaving = fromClient ? Pair.Client : Pair.Server;
        var (opened, accepted) = await OpenAsync();

        var shutdown = leaving.ShutdownAsync().AsTask();
        await Timing.StaysPending(shutdown, "A shutdown with a live stream");
        await opened.WriteAsync(Pattern.Bytes(50_000), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(50_000));
        await accepted.WriteAsync(Pattern.Bytes(30_000), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(opened), Is.EqualTo(30_000));
        await opened.DisposeAsync();
        await accepted.DisposeAsync();

        await shutdown.Soon();
        Assert.That((await Pair.Client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
        Assert.That((await Pair.Server.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
    }

    [Test]
    public async Task Shutting_down_again_and_again_is_no_attack()
    {
        var (opened, accepted) = await OpenAsync();

        var shutdowns = Enumerable.Range(0, 20).Select(_ => Pair.Client.ShutdownAsync().AsTask()).ToList();
        await opened.WriteAsync(Pattern.Bytes(10), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(10));
        await accepted.DisposeAsync();
        await opened.DisposeAsync();

        await Task.WhenAll(shutdowns).Soon();
        Assert.That((await Pair.Client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
    }

    [Test]
    public async Task Shutting_down_without_streams_is_immediate()
    {
        await Pair.Client.ShutdownAsync().Soon();

        Assert.That((await Pair.Client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
        Assert.That((await Pair.Server.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
    }

    [Test]
    public async Task Shutting_down_delivers_what_was_written_even_if_the_peer_reads_late()
    {
        var (opened, accepted) = await OpenAsync();
        await opened.WriteAsync(Pattern.Bytes(50_000)).Soon();
        await opened.DisposeAsync();

        var shutdown = Pair.Client.ShutdownAsync().AsTask();
        accepted.CompleteWrites();
        await shutdown.Soon();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(50_000));
    }

    [Test]
    public async Task Cancelling_a_shutdown_aborts_the_session()
    {
        var (opened, _) = await OpenAsync();
        var reading = opened.ReadAsync(new byte[10]).AsTask();
        using var cancellation = new CancellationTokenSource();
        var shutdown = Pair.Client.ShutdownAsync(cancellation.Token).AsTask();
        await Timing.StaysPending(shutdown, "A shutdown with a live stream");

        await cancellation.CancelAsync();

        await EndsEitherWay(shutdown);
        Assert.That((await Pair.Client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.SessionAborted));
        await Fails.With(MuxadoError.SessionAborted, reading);
    }

    [Test]
    public async Task A_shutdown_with_a_cancelled_token_aborts_at_once()
    {
        await OpenAsync();

        await EndsEitherWay(Pair.Client.ShutdownAsync(new CancellationToken(true)).AsTask());

        Assert.That((await Pair.Client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.SessionAborted));
    }

    [Test]
    public async Task Closing_ends_live_streams_at_once_and_tells_the_peer()
    {
        var (opened, accepted) = await OpenAsync();
        var reading = opened.ReadAsync(new byte[10]).AsTask();
        var atPeer = accepted.ReadAsync(new byte[10]).AsTask();

        await Pair.Client.CloseAsync().Soon();

        await Fails.With(MuxadoError.SessionClosed, reading);
        await Fails.With(MuxadoError.SessionClosed, atPeer);
        Assert.That((await Pair.Server.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
    }

    [Test]
    public async Task Closing_takes_no_longer_than_saying_goodbye_when_the_peer_listens([Values] bool fromClient)
    {
        await OpenAsync();

        await (fromClient ? Pair.Client : Pair.Server).CloseAsync().AsTask().WaitAsync(TimeSpan.FromMilliseconds(800));
        await Task.WhenAll(Pair.Client.Completion, Pair.Server.Completion).WaitAsync(TimeSpan.FromMilliseconds(800));
    }

    [Test]
    public async Task Both_sides_may_close_at_once_and_again_afterwards()
    {
        await OpenAsync();

        await Task.WhenAll(
            Pair.Client.CloseAsync().AsTask(),
            Pair.Server.CloseAsync().AsTask(),
            Pair.Client.ShutdownAsync().AsTask(),
            Pair.Server.DisposeAsync().AsTask()).WaitAsync(TimeSpan.FromSeconds(10));

        await Pair.Client.CloseAsync().Soon();
        await Pair.Client.ShutdownAsync().Soon();
        Pair.Client.Abort();
        await Pair.Client.DisposeAsync();
        await Pair.Client.DisposeAsync();
        Assert.That((await Pair.Client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
    }

    [Test]
    public async Task Opening_on_an_ended_session_says_why()
    {
        await Pair.Client.CloseAsync().Soon();

        var failure = Assert.Throws<MuxadoException>(() => Pair.Client.OpenStream());

        Assert.That((failure!.Error, failure.IsRetrySafe), Is.EqualTo((MuxadoError.SessionClosed, true)));
        await Pair.Client.ShutdownAsync().Soon();
        failure = Assert.Throws<MuxadoException>(() => Pair.Client.OpenStream());
        Assert.That(failure!.Error, Is.EqualTo(MuxadoError.SessionClosed), "the reason stands");
    }

    private static async Task EndsEitherWay(Task ending)
    {
        try
        {
            await ending.Soon();
        }
        catch (Exception failure) when (Fails.IsOrderly(failure))
        {
            // whether a forced end counts as failure is up to the caller; that it ends is what matters
        }
    }
}
