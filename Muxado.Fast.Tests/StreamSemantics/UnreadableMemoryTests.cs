using System.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

/// <summary>Memory that an application disposes while it is written is that write's failure, and nobody else's.</summary>
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

    private sealed class FailingMemory(int bytes, int readable) : MemoryManager<byte>
    {
        private readonly byte[] _bytes = new byte[bytes];
        private int _reads;

        public bool IsDisposed { get; set; }

        public override Memory<byte> Memory => CreateMemory(bytes);

        public override Span<byte> GetSpan() =>
            IsDisposed || _reads++ >= readable ? throw new ObjectDisposedException(nameof(FailingMemory)) : _bytes;

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
