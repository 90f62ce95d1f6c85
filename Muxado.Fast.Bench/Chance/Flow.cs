namespace Muxado.Fast.Bench.Chance;

/// <summary>
/// What one side writes into a stream, and what the other may read from it: every byte of every write that succeeded, in order,
/// and of a write that was called off any beginning, maybe none.
/// </summary>
/// <remarks>
/// The top three bits of a byte tell which write it is from, so that the reader knows where a called-off write ended. That is
/// unambiguous as long as fewer than eight writes in a row are called off, see <see cref="CalledOffInARow"/>.
/// The other bits follow from the flow's number, the write and the offset, so that bytes at a wrong place or of another flow are noticed.
/// Threading: one thread at a time.
/// </remarks>
internal sealed class Flow(uint number = 0)
{
    public const int MaxWriteBytes = 200_000;
    private const int Tags = 8;
    private const int PeriodBytes = 65_521;

    private static readonly byte[][] s_tables = [.. Enumerable.Range(0, Tags).Select(CreateTable)];

    private readonly List<Block> _blocks = [];
    private int _readBlock;
    private int _readOffset;

    private enum Outcome
    {
        Pending,
        Written,
        CalledOff,
    }

    public int CalledOffInARow { get; private set; }

    /// <summary>Whether the writer has said that no more will come.</summary>
    public bool IsEnded { get; set; }

    /// <summary>Whether the writer has not said so itself, but disposes the stream: that must not end it behind half a write.</summary>
    public bool EndsByDisposal { get; set; }

    /// <summary>Whether the reader has seen the end.</summary>
    public bool IsReadToEnd { get; private set; }

    public long ReadBytes { get; private set; }

    /// <summary>The content of the next write. It has begun when the caller says so with <see cref="Begin"/>.</summary>
    public ReadOnlyMemory<byte> Next(int bytes) => Content(_blocks.Count).Slice(0, bytes);

    public void Begin(int bytes) => _blocks.Add(new Block(bytes, Outcome.Pending));

    /// <summary>Everything that has begun and not ended is written now, or called off.</summary>
    public void End(bool isWritten)
    {
        for (int i = _blocks.Count - 1; i >= 0 && _blocks[i].Outcome == Outcome.Pending; i--)
        {
            _blocks[i] = new Block(_blocks[i].Bytes, isWritten ? Outcome.Written : Outcome.CalledOff);
            CalledOffInARow = isWritten ? 0 : CalledOffInARow + 1;
        }
    }

    /// <summary>Of the last write, which has not ended yet, only so much goes.</summary>
    public void Shorten(int bytes) => _blocks[^1] = _blocks[^1] with { Bytes = bytes };

    /// <summary>Checks what was read; returns what is wrong with it, or null.</summary>
    public string? Read(ReadOnlySpan<byte> bytes)
    {
        if (IsReadToEnd && !bytes.IsEmpty)
            return $"{bytes.Length} bytes came after the end";
        while (!bytes.IsEmpty)
        {
            if (Settle(bytes[0]) is { } wrong)
                return wrong;
            int count = Math.Min(bytes.Length, _blocks[_readBlock].Bytes - _readOffset);
            int same = bytes[..count].CommonPrefixLength(Content(_readBlock).Span.Slice(_readOffset, count));
            if (same == 0)
                return $"byte {_readOffset} of write {_readBlock} (after {ReadBytes} bytes) is {bytes[0]:X2}";
            bytes = bytes[same..];
            _readOffset += same;
            ReadBytes += same;
        }

        return null;
    }

    /// <param name="maySayEnd">Whether a write that has not ended yet says the end with it.</param>
    public string? ReadEnd(bool maySayEnd = false)
    {
        IsReadToEnd = true;
        if (!IsEnded && !maySayEnd)
            return "the end was read, but nobody has said it";
        if (Missing() is { } missing)
            return $"the end was read, but {missing}";
        return EndsByDisposal && IsReadIntoCalledOff()
            ? $"half a write passed for a whole one: the disposal ended the stream after {_readOffset} of {_blocks[_readBlock].Bytes} bytes of write {_readBlock}"
            : null;
    }

    /// <summary>What was written and not read, or null. A write that has not ended yet, and of which nothing came, may still be called off.</summary>
    public string? Missing()
    {
        for (int i = _readBlock; i < _blocks.Count; i++)
        {
            int read = i == _readBlock ? _readOffset : 0;
            if (read < _blocks[i].Bytes && (_blocks[i].Outcome == Outcome.Written || (_blocks[i].Outcome == Outcome.Pending && read > 0)))
                return $"of write {i} of {_blocks.Count} ({_blocks[i].Outcome}) only {read} of {_blocks[i].Bytes} bytes were read";
        }

        return null;
    }

    /// <summary>Whether the last that was read is a part of a write that was called off, and no other succeeded behind it.</summary>
    private bool IsReadIntoCalledOff() =>
        _readBlock < _blocks.Count
        && _blocks[_readBlock].Outcome == Outcome.CalledOff
        && _readOffset > 0
        && _readOffset < _blocks[_readBlock].Bytes
        && !_blocks.Skip(_readBlock + 1).Any(block => block.Outcome == Outcome.Written);

    /// <summary>Moves on to the write that the next byte is from.</summary>
    private string? Settle(byte next)
    {
        int tag = next >> 5;
        while (_readBlock < _blocks.Count)
        {
            Block block = _blocks[_readBlock];
            if (_readOffset < block.Bytes && _readBlock % Tags == tag)
                return null;
            if (_readOffset < block.Bytes && block.Outcome != Outcome.CalledOff)
                return $"write {_readBlock} was read up to byte {_readOffset} of {block.Bytes}, and then comes {next:X2} of another";
            _readBlock++;
            _readOffset = 0;
        }

        return $"{next:X2} was read after {ReadBytes} bytes, but nobody wrote it";
    }

    private ReadOnlyMemory<byte> Content(int block) => s_tables[block % Tags].AsMemory((int)((number + (block * 7919L)) % PeriodBytes), MaxWriteBytes);

    private static byte[] CreateTable(int tag)
    {
        var table = new byte[PeriodBytes + MaxWriteBytes];
        new Random(tag).NextBytes(table);
        for (int i = 0; i < table.Length; i++)
            table[i] = (byte)((table[i] & 0x1F) | (tag << 5));
        return table;
    }

    private readonly record struct Block(int Bytes, Outcome Outcome);
}
