using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

/// <summary>Memory that an application disposes while it is written or read into is that operation's failure, and nobody else's.</summary>
public sealed class UnreadableMemoryTests(TransportKind kind) : OverEachTransport(kind)
{
    /// <summary>More than the window, and not a whole number of frames.</summary>
    private const int LargeBytes = 100_000;

    [Test]
    public async Task A_write_of_memory_that_cannot_be_read_fails_and_harms_nobody([Values(10, LargeBytes)] int bytes, [Values] bool completeWrites)
    {
        var (opened, accepted) = await OpenAsync();
        var (other, otherAccepted) = await OpenAsync();

        await Fails.With<ObjectDisposedException>(() => opened.WriteAsync(new FailingMemory(bytes, readable: 0).Memory, completeWrites).AsTask());

        await other.WriteAsync(Pattern.Bytes(10)).Soon();
        await Pattern.VerifyAsync(otherAccepted, 10);
        var writing = opened.WriteAsync(Pattern.Bytes(LargeBytes, from: 3), completeWrites: true).AsTask();
        Assert.That(await Pattern.VerifyToEndAsync(accepted, from: 3), Is.EqualTo(LargeBytes), "the stream can be written");
        await writing.Soon();
    }

    [Test]
    public async Task Memory_that_is_disposed_while_its_write_waits_for_the_window_ends_that_write_only([Values] bool completeWrites)
    {
        var (opened, accepted) = await OpenAsync();
        var (other, otherAccepted) = await OpenAsync();
        var memory = new FailingMemory(LargeBytes, readable: int.MaxValue);
        var writing = opened.WriteAsync(memory.Memory, completeWrites).AsTask();
        await Timing.StaysPending(writing, "A write beyond the window");

        memory.IsDisposed = true;
        var draining = accepted.CopyToAsync(Stream.Null);

        await Fails.With<ObjectDisposedException>(writing);
        await other.WriteAsync(Pattern.Bytes(10)).Soon();
        await Pattern.VerifyAsync(otherAccepted, 10);
        await opened.DisposeAsync();
        await draining.FailsSoon(); // A part does not pass for the whole.
    }

    [Test]
    public async Task Memory_that_is_disposed_while_its_read_waits_ends_that_read_only([Values(10, LargeBytes)] int bytes)
    {
        var (opened, accepted) = await OpenAsync();
        var (other, otherAccepted) = await OpenAsync();
        var memory = new FailingMemory(bytes, readable: int.MaxValue);
        var reading = accepted.ReadAsync(memory.Memory).AsTask();
        await Timing.StaysPending(reading, "A read without data");

        memory.IsDisposed = true;
        var writing = opened.WriteAsync(Pattern.Bytes(LargeBytes), completeWrites: true).AsTask();

        await Fails.With<ObjectDisposedException>(reading);
        await other.WriteAsync(Pattern.Bytes(10)).Soon();
        await Pattern.VerifyAsync(otherAccepted, 10);
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(LargeBytes), "the stream can be read");
        await writing.Soon();
    }

    [Test]
    public async Task A_read_for_no_bytes_needs_no_memory()
    {
        var (opened, accepted) = await OpenAsync();
        var memory = new FailingMemory(10, readable: int.MaxValue);
        var reading = accepted.ReadAsync(memory.Memory[..0]).AsTask();
        await Timing.StaysPending(reading, "A read without data");

        memory.IsDisposed = true;
        await opened.WriteAsync(Pattern.Bytes(10)).Soon();

        Assert.That(await reading.Soon(), Is.Zero);
        await Pattern.VerifyAsync(accepted, 10);
    }

    [Test]
    public async Task A_read_that_need_not_wait_and_has_no_memory_to_read_into_loses_nothing([Values(0, 10)] int bytes)
    {
        var (opened, accepted) = await OpenAsync();
        await opened.WriteAsync(Pattern.Bytes(10)).Soon();
        await WireSettles(Pair.Client);

        await Fails.With<ObjectDisposedException>(() => accepted.ReadAsync(new FailingMemory(10, readable: 0).Memory[..bytes]).AsTask());

        await Pattern.VerifyAsync(accepted, 10);
    }
}
