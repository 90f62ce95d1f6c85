using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class RefusalTests
{
    [Test]
    public async Task Streams_beyond_the_accept_backlog_are_refused_and_safe_to_retry()
    {
        await using var pair = await SessionPair.ConnectAsync(serverOptions: new MuxadoSessionOptions { AcceptBacklog = 3 });
        var opened = await OpenAsync(pair, 5);

        await AssertRefusedAsync(opened[3]);
        await AssertRefusedAsync(opened[4]);

        for (var i = 0; i < 3; i++)
        {
            var accepted = await pair.Server.AcceptStreamAsync().Soon();
            Assert.That(accepted.Id, Is.EqualTo(opened[i].Id));
            Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(100));
        }
    }

    [Test]
    public async Task Accepting_makes_room_in_the_backlog()
    {
        await using var pair = await SessionPair.ConnectAsync(serverOptions: new MuxadoSessionOptions { AcceptBacklog = 1 });

        for (var i = 0; i < 20; i++)
        {
            await OpenAsync(pair, 1);
            await using var accepted = await pair.Server.AcceptStreamAsync().Soon();
            Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(100));
        }
    }

    [Test]
    public async Task A_stream_handed_to_a_waiting_acceptor_takes_no_place_in_the_backlog()
    {
        await using var pair = await SessionPair.ConnectAsync(serverOptions: new MuxadoSessionOptions { AcceptBacklog = 1 });
        var accepting = Enumerable.Range(0, 10).Select(_ => pair.Server.AcceptStreamAsync().AsTask()).ToList();

        await OpenAsync(pair, 10);

        foreach (var accepted in await Task.WhenAll(accepting).Soon())
            await accepted.DisposeAsync();
    }

    [Test]
    public async Task Streams_beyond_the_most_inbound_streams_are_refused_until_others_are_done()
    {
        await using var pair = await SessionPair.ConnectAsync(serverOptions: new MuxadoSessionOptions { MaxInboundStreams = 2 });
        var opened = await OpenAsync(pair, 3);
        await AssertRefusedAsync(opened[2]);

        var first = await pair.Server.AcceptStreamAsync().Soon();
        await using var second = await pair.Server.AcceptStreamAsync().Soon();
        await Pattern.DrainAsync(first);
        first.CompleteWrites();
        await Pattern.DrainAsync(opened[0]);
        var whileUndisposed = (await OpenAsync(pair, 1))[0];
        await AssertRefusedAsync(whileUndisposed);

        await first.DisposeAsync();
        var next = (await OpenAsync(pair, 1))[0];
        await using var accepted = await pair.Server.AcceptStreamAsync().Soon();
        Assert.That(accepted.Id, Is.EqualTo(next.Id));
    }

    [Test]
    public async Task The_limits_of_one_side_do_not_bind_what_it_opens_itself()
    {
        await using var pair = await SessionPair.ConnectAsync(
            clientOptions: new MuxadoSessionOptions { MaxInboundStreams = 1, AcceptBacklog = 1 });

        var opened = await OpenAsync(pair, 20);

        for (var i = 0; i < opened.Count; i++)
            Assert.That(await Pattern.VerifyToEndAsync(await pair.Server.AcceptStreamAsync().Soon()), Is.EqualTo(100));
    }

    [Test]
    public async Task A_stream_that_the_leaving_side_never_saw_fails_retry_safe()
    {
        // The server's side of the link is so slow that the stream is still on its way when the GOAWAY leaves.
        var (clientEnd, serverEnd) = MemoryDuplex.CreatePair();
        await using var pair = SessionPair.Over(clientEnd, serverEnd.Throttled(bytesPerStep: 8));
        var (lived, accepted) = await pair.OpenAsync();
        await lived.WriteAsync(Pattern.Bytes(2_000)).Soon();
        var late = pair.Client.OpenStream();
        await late.WriteAsync(new byte[100]).Soon();

        await pair.Server.GoAwayAsync().Soon();

        var failure = await Fails.With<MuxadoException>(() => late.ReadExactlyAsync(new byte[1]).AsTask());
        Assert.That(failure.IsRetrySafe, Is.True, failure.Message);
        Assert.That(failure.Error, Is.EqualTo(MuxadoError.GoingAway).Or.EqualTo(MuxadoError.StreamRefused));
        await Pattern.VerifyAsync(accepted, 2_000);
    }

    private static async Task<List<MuxadoStream>> OpenAsync(SessionPair pair, int count)
    {
        var opened = new List<MuxadoStream>();
        for (var i = 0; i < count; i++)
        {
            var stream = pair.Client.OpenStream();
            await stream.WriteAsync(Pattern.Bytes(100), completeWrites: true).Soon();
            opened.Add(stream);
        }

        return opened;
    }

    private static async Task AssertRefusedAsync(MuxadoStream stream)
    {
        var failure = await Fails.With(MuxadoError.StreamRefused, () => stream.ReadExactlyAsync(new byte[1]).AsTask());
        Assert.That((failure.IsRetrySafe, failure.ErrorCode), Is.EqualTo((true, MuxadoErrorCode.RefusedStream)));
    }
}
