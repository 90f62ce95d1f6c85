using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class SlowLinkTests
{
    [Test]
    public async Task A_streams_end_is_not_mistaken_for_that_of_the_stream_before_it_whose_end_still_waits_to_be_sent()
    {
        // The server's bytes trickle, so what it says about the first stream is still queued when the second takes its place.
        var (clientEnd, serverEnd) = MemoryDuplex.CreatePair(capacityBytes: 64);
        await using var pair = SessionPair.Over(clientEnd.Throttled(bytesPerStep: 8), serverEnd);
        var filler = await pair.OpenAsync();
        await using var first = pair.Client.OpenStream(new MuxadoStreamOptions { CompleteWrites = true });
        var firstAccepted = await pair.Server.AcceptStreamAsync().Soon();
        Assert.That(await firstAccepted.ReadAsync(new byte[1]).Soon(), Is.Zero);

        await filler.Accepted.WriteAsync(new byte[2_000]).Soon();
        await firstAccepted.WriteAsync(new byte[10], completeWrites: true).Soon();

        // Opened before the first is let go, and told to the server after: so it is the server's side that inherits its state.
        await using var second = pair.Client.OpenStream();
        firstAccepted.Dispose();
        second.CompleteWrites();
        await using var accepted = await pair.Server.AcceptStreamAsync().Soon();
        accepted.CompleteWrites();

        Assert.That(await second.ReadAsync(new byte[1]).Soon(), Is.Zero);
        Assert.That(await Pattern.DrainAsync(first), Is.EqualTo(10));
    }
}
