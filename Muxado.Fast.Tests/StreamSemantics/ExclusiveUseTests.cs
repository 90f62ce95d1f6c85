using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

public sealed class ExclusiveUseTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task A_second_read_is_rejected_and_the_first_goes_on()
    {
        var (opened, accepted) = await OpenAsync();
        var buffer = new byte[100];
        var first = accepted.ReadAsync(buffer).AsTask();

        var failure = await Fails.With<InvalidOperationException>(() => accepted.ReadAsync(new byte[100]).AsTask());

        Assert.That(failure, Is.Not.InstanceOf<ObjectDisposedException>());
        await opened.WriteAsync(Pattern.Bytes(100)).Soon();
        var count = await first.Soon();
        Pattern.Verify(buffer.AsSpan(0, count), 0);
        await Pattern.VerifyAsync(accepted, 100 - count, from: count);
    }

    [Test]
    public async Task A_second_write_is_rejected_and_the_first_goes_on()
    {
        var (opened, accepted) = await OpenAsync();
        var (first, memory) = BlockedWrite(opened);
        await Timing.StaysPending(first, "A write beyond the window");

        var failure = await Fails.With<InvalidOperationException>(() => opened.WriteAsync(new byte[100]).AsTask());

        Assert.That(failure, Is.Not.InstanceOf<ObjectDisposedException>());
        await Pattern.VerifyAsync(accepted, memory.Length);
        await first.Soon();
        await opened.WriteAsync(Pattern.Bytes(100), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(100));
    }

    [Test]
    public async Task Trying_to_write_beside_a_pending_write_takes_nothing()
    {
        var (opened, accepted) = await OpenAsync();
        var (first, memory) = BlockedWrite(opened);
        await Timing.StaysPending(first, "A write beyond the window");

        try
        {
            Assert.That(opened.TryWrite(new byte[100], out var taken) && taken > 0, Is.False);
        }
        catch (InvalidOperationException)
        {
            // rejecting it as a second write is as good
        }

        await Pattern.VerifyAsync(accepted, memory.Length);
        await first.Soon();
    }

    [Test]
    public async Task One_read_and_one_write_at_a_time_do_not_disturb_each_other()
    {
        var (opened, accepted) = await OpenAsync();
        var reading = opened.ReadAsync(new byte[100]).AsTask();
        var (write, memory) = BlockedWrite(opened);

        await Pattern.VerifyAsync(accepted, memory.Length);
        await write.Soon();
        await Timing.StaysPending(reading, "A read without data");
        await accepted.WriteAsync(new byte[3]).Soon();

        Assert.That(await reading.Soon(), Is.EqualTo(3));
    }
}
