using System.Buffers;
using Muxado.Fast.Buffers;

namespace Muxado.Fast.Pipes;

/// <summary>One block's place in the sequence that a reader is shown.</summary>
/// <remarks>
/// Owner: one <see cref="InputPipe"/>, which keeps it for its next block when this one has been read.
/// Threading: the owner's.
/// Invariants: <see cref="ReadOnlySequenceSegment{T}.RunningIndex"/> counts from the stream's beginning.
/// Reuse: by its owner.
/// </remarks>
internal sealed class PipeSegment : ReadOnlySequenceSegment<byte>
{
    private Block? _block;

    public PipeSegment? NextSegment => (PipeSegment?)Next;

    /// <summary>The index, from the stream's beginning, behind the segment's last byte.</summary>
    public long EndIndex => RunningIndex + Memory.Length;

    /// <summary>Takes a block's unread bytes in.</summary>
    public void Open(Block block, long runningIndex)
    {
        _block = block;
        RunningIndex = runningIndex;
        Memory = block.UnreadMemory;
        Next = null;
    }

    public void Link(PipeSegment? next) => Next = next;

    /// <summary>Copies bytes behind those that are here, if there is room for all of them.</summary>
    public bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        Block block = _block!;
        if (bytes.Length > block.Free.Length)
            return false;
        bytes.CopyTo(block.Free);
        block.End += bytes.Length;
        Memory = block.UnreadMemory;
        return true;
    }

    /// <summary>Gives the block back.</summary>
    public void Close()
    {
        _block!.Pool?.Return(_block);
        _block = null;
        Memory = default;
        Next = null;
    }
}
