using Muxado.Fast.Buffers;

namespace Muxado.Fast.Streams;

/// <summary>What a write sends: memory of the caller's, or a chain of a pipe's blocks.</summary>
internal readonly struct WriteSource
{
    public WriteSource(ReadOnlyMemory<byte> memory)
    {
        First = memory;
        LengthBytes = memory.Length;
    }

    /// <param name="chain">Its unread bytes are what is sent. As frames are cut from them they count as read, block by block.</param>
    /// <param name="lengthBytes">The sum of what is unread in the chain.</param>
    public WriteSource(Block chain, int lengthBytes)
    {
        // A block may have been asked for, and left empty because it was too small for what came next.
        while (chain.Start == chain.End && chain.Next is { } next)
            chain = next;
        First = chain.UnreadMemory;
        Chain = chain;
        LengthBytes = lengthBytes;
    }

    /// <summary>The first bytes in a row.</summary>
    public ReadOnlyMemory<byte> First { get; }

    public Block? Chain { get; }

    public int LengthBytes { get; }

    public bool IsEmpty => LengthBytes == 0;
}
