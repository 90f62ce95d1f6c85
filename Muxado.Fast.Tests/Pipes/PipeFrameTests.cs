using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pipes;

/// <summary>What a pipe puts on the wire.</summary>
public sealed class PipeFrameTests(Role role) : ConformanceFixture(role)
{
    private const int FrameBytes = 16_383;

    [Test]
    public async Task A_flush_is_one_run_of_whole_frames_and_completing_ends_the_last()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var output = stream.AsDuplexPipe().Output;
        const int Count = (3 * FrameBytes) + 100;
        for (var at = 0; at < Count;)
        {
            var memory = output.GetMemory(700);
            var count = Math.Min(700, Count - at);
            Pattern.Bytes(count, from: at).CopyTo(memory);
            output.Advance(count);
            at += count;
        }

        await output.CompleteAsync().Soon();

        await peer.ExpectDataAsync(id, Count, thenFin: true);
        var payloads = peer.Received.Where(frame => frame.Type == WireType.Data && frame.StreamId == id).Select(frame => frame.Length).ToArray();
        Assert.That(payloads[..3], Is.All.GreaterThan(FrameBytes - 700));
        Assert.That(payloads, Has.Length.EqualTo(4));
    }

    [Test]
    public async Task Memory_that_was_too_small_and_stayed_empty_makes_no_frame()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await OpenAsync(session, peer);
        var output = stream.AsDuplexPipe().Output;
        output.GetMemory();
        output.GetMemory(20_000);
        Pattern.Bytes(10).CopyTo(output.GetMemory(100_000));
        output.Advance(10);

        await output.FlushAsync().Soon();

        await peer.ExpectAsync(Frames.Data(id, Pattern.Bytes(10)));
        await output.CompleteAsync().Soon();
    }

    [Test]
    public async Task Examined_bytes_are_credited_and_taken_ones_are_not()
    {
        var (session, peer) = await ConnectAsync();
        var (stream, id) = await AcceptFirstAsync(session, peer);
        var input = stream.AsDuplexPipe().Input;
        await peer.SendAsync(Frames.Bulk(id, Pattern.Bytes(3 * FrameBytes)));

        var look = await input.ReadAsync().Soon();
        while (look.Buffer.Length < 3 * FrameBytes)
        {
            input.AdvanceTo(look.Buffer.Start, look.Buffer.Start);
            await Task.Yield();
            look = await input.ReadAsync().Soon();
        }

        await peer.PingAsync();
        Assert.That(peer.CreditFor(id), Is.Zero);
        input.AdvanceTo(look.Buffer.Start, look.Buffer.End);
        await peer.ExpectCreditAsync(id, 3 * FrameBytes);
        input.Complete();
    }
}
