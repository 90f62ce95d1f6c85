using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class ExhaustionTests
{
    [TestCase(true, 0x7FFF_FFFDu)]
    [TestCase(false, 0x7FFF_FFFCu)]
    public async Task When_the_ids_are_used_up_opening_fails_and_live_streams_go_on(bool atClient, uint firstId)
    {
        var limited = new MuxadoSessionOptions { FirstStreamId = firstId, HeartbeatInterval = Timeout.InfiniteTimeSpan };
        await using var pair = await SessionPair.ConnectAsync(
            clientOptions: atClient ? limited : null, serverOptions: atClient ? null : limited);
        var opener = atClient ? pair.Client : pair.Server;

        var streams = new List<StreamPair> { await pair.OpenAsync(fromServer: !atClient), await pair.OpenAsync(fromServer: !atClient) };
        var failure = Assert.Throws<MuxadoException>(() => opener.OpenStream());

        Assert.That((failure!.Error, failure.IsRetrySafe), Is.EqualTo((MuxadoError.StreamsExhausted, true)));
        Assert.That(streams.Select(stream => stream.Opened.Id), Is.EqualTo(new[] { firstId, firstId + 2 }));
        foreach (var (opened, accepted) in streams)
        {
            var writing = opened.WriteAsync(Pattern.Bytes(100_000), completeWrites: true).AsTask();
            Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(100_000));
            await writing.Soon();
        }

        await pair.OpenAsync(fromServer: atClient);
    }
}
