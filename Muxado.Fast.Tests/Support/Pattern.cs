using NUnit.Framework;

namespace Muxado.Fast.Tests.Support;

/// <summary>Test data in which every byte follows from its position, so that lost, repeated or mixed-up bytes show.</summary>
public static class Pattern
{
    public static byte At(long position) => (byte)((position * 167) ^ (position >> 8) ^ (position >> 16));

    public static byte[] Bytes(int count, long from = 0)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
            bytes[i] = At(from + i);

        return bytes;
    }

    public static void Verify(ReadOnlySpan<byte> bytes, long from)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != At(from + i))
                Assert.Fail($"Byte {from + i} is {bytes[i]}; it was sent as {At(from + i)}.");
        }
    }

    public static async Task WriteAsync(Stream stream, long count, int writeSize = 64 * 1024, long from = 0)
    {
        for (long position = 0; position < count; position += writeSize)
            await stream.WriteAsync(Bytes((int)Math.Min(writeSize, count - position), from + position)).Soon();
    }

    /// <summary>Reads and checks to the end; returns how many bytes there were.</summary>
    public static async Task<long> VerifyToEndAsync(Stream stream, long from = 0, int readSize = 32 * 1024)
    {
        var buffer = new byte[readSize];
        var position = from;
        while (await stream.ReadAsync(buffer).Soon() is > 0 and var count)
        {
            Verify(buffer.AsSpan(0, count), position);
            position += count;
        }

        return position - from;
    }

    /// <summary>Reads to the end without looking at the content.</summary>
    public static async Task<long> DrainAsync(Stream stream)
    {
        var buffer = new byte[32 * 1024];
        long total = 0;
        while (await stream.ReadAsync(buffer).Soon() is > 0 and var count)
            total += count;

        return total;
    }

    /// <summary>Reads and checks exactly <paramref name="count"/> bytes.</summary>
    public static async Task VerifyAsync(Stream stream, int count, long from = 0)
    {
        var buffer = new byte[count];
        await stream.ReadExactlyAsync(buffer).Soon();
        Verify(buffer, from);
    }
}
