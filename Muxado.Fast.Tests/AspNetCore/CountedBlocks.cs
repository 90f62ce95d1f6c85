using System.Runtime.InteropServices;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>Content of any length, cheap to make and to check: every eight bytes follow from their position, so that nothing lost, doubled or swapped goes unseen.</summary>
internal static class CountedBlocks
{
    public const int BlockBytes = 64 * 1024;

    public static async Task WriteAsync(Stream stream, long count, CancellationToken cancellationToken)
    {
        var block = new byte[BlockBytes];
        for (long position = 0; position < count; position += BlockBytes)
        {
            Fill(block, position);
            await stream.WriteAsync(block, cancellationToken);
        }
    }

    /// <summary>Reads to the end, and returns how many bytes were as they should be.</summary>
    public static async Task<long> CountIntactAsync(Stream stream, Action<long> onRead, CancellationToken cancellationToken)
    {
        var expected = new byte[BlockBytes];
        var block = new byte[BlockBytes];
        long position = 0;
        while (true)
        {
            int count = await stream.ReadAtLeastAsync(block, BlockBytes, throwOnEndOfStream: false, cancellationToken);
            Fill(expected, position);
            if (count == 0 || !block.AsSpan(0, count).SequenceEqual(expected.AsSpan(0, count)))
                return position;
            position += count;
            onRead(position);
        }
    }

    private static void Fill(byte[] block, long position)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(block.AsSpan());
        ulong first = (ulong)position / sizeof(ulong);
        for (var i = 0; i < words.Length; i++)
            words[i] = (first + (ulong)i) * 0x9E3779B97F4A7C15;
    }
}
