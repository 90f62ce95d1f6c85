using System.Text;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class GoAwayTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task Live_streams_go_on_and_new_ones_are_turned_away([Values] bool fromClient)
    {
        var (leaving, staying) = fromClient ? (Pair.Client, Pair.Server) : (Pair.Server, Pair.Client);
        var (opened, accepted) = await Pair.OpenAsync(fromServer: fromClient);

        await leaving.GoAwayAsync().Soon();
        await GoneAway(staying);

        await opened.WriteAsync(Pattern.Bytes(50_000), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(50_000));
        await accepted.WriteAsync(Pattern.Bytes(50_000), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(opened), Is.EqualTo(50_000));
    }

    [Test]
    public async Task Opening_fails_on_both_sides_after_a_goaway_and_is_safe_to_retry_elsewhere()
    {
        await OpenAsync();

        await Pair.Server.GoAwayAsync(MuxadoErrorCode.InternalError, Encoding.UTF8.GetBytes("moving")).Soon();
        await GoneAway(Pair.Client);

        var failure = Assert.Throws<MuxadoException>(() => Pair.Client.OpenStream());
        Assert.That((failure!.Error, failure.IsRetrySafe), Is.EqualTo((MuxadoError.GoingAway, true)));
        Assert.That(Assert.Throws<MuxadoException>(() => Pair.Client.OpenHandle())!.Error, Is.EqualTo(MuxadoError.GoingAway));
    }

    [Test]
    public async Task Both_sides_may_go_away()
    {
        var (opened, accepted) = await OpenAsync();

        await Task.WhenAll(Pair.Client.GoAwayAsync().AsTask(), Pair.Server.GoAwayAsync().AsTask()).Soon();

        await opened.WriteAsync(Pattern.Bytes(100), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(100));
    }

    [Test]
    public async Task Going_away_twice_is_harmless_and_the_last_code_is_told()
    {
        var (opened, accepted) = await OpenAsync();

        await Pair.Server.GoAwayAsync().Soon();
        await Pair.Server.GoAwayAsync(MuxadoErrorCode.InternalError).Soon();
        await GoneAway(Pair.Client);
        await opened.WriteAsync(Pattern.Bytes(100), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(100));

        await opened.DisposeAsync();
        await accepted.DisposeAsync();
        Pair.Server.Abort();
        Assert.That((await Pair.Client.Completion.Soon()).PeerCode, Is.EqualTo(MuxadoErrorCode.InternalError));
    }

    [Test]
    public async Task The_debug_bytes_and_the_code_reach_the_peers_completion()
    {
        await OpenAsync();
        var debug = Encoding.UTF8.GetBytes("maintenance at noon");

        await Pair.Server.GoAwayAsync(MuxadoErrorCode.InternalError, debug).Soon();
        await GoneAway(Pair.Client);
        Pair.Server.Abort();

        var info = await Pair.Client.Completion.Soon();
        Assert.That(info.PeerCode, Is.EqualTo(MuxadoErrorCode.InternalError));
        Assert.That(info.PeerDebug.ToArray(), Is.EqualTo(debug));
    }

    [Test]
    public async Task Streams_that_waited_to_be_accepted_can_still_be_accepted_after_going_away()
    {
        var opened = Pair.Client.OpenStream();
        await opened.WriteAsync(Pattern.Bytes(100), completeWrites: true).Soon();
        await Timing.Until(() => Pair.Server.ActiveStreams == 1, "the stream has arrived");

        await Pair.Server.GoAwayAsync().Soon();

        var accepted = await Pair.Server.AcceptStreamAsync().Soon();
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(100));
    }

    private static async Task GoneAway(MuxadoSession session) => await Timing.Until(
        () =>
        {
            try
            {
                session.OpenStream().Dispose();
                return false;
            }
            catch (MuxadoException failure) when (failure.Error == MuxadoError.GoingAway)
            {
                return true;
            }
        },
        "the peer's GOAWAY has arrived");
}
