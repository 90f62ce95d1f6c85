namespace Muxado.Fast.Bench.Soak;

/// <summary>
/// What one end writes into a stream, and what the other may read from it: every byte of every write that succeeded, in order, of a
/// write that was called off any beginning, maybe none, and the end exactly if it was said.
/// </summary>
/// <remarks>
/// Owner: the stream's <see cref="Conversation"/>.
/// Threading: one writer and one reader, each on any thread; the lock guards all.
/// Invariants: the top three bits of a byte tell which write it is from, modulo eight, so that the reader knows where a called-off write
/// ended. So fewer than eight writes in a row may be called off: see <see cref="MayCallOff"/>. The other bits follow from the stream's number
/// and the offset, so that bytes at a wrong place or of another stream are noticed.
/// </remarks>
internal sealed class Flow(uint number)
{
    public const int MaxWriteBytes = 80_000;

    private const int Tags = 8;
    private const int PeriodBytes = 65_521;
    private const int MaxCalledOffInARow = 5;

    private static readonly byte[][] s_tables = [.. Enumerable.Range(0, Tags).Select(CreateTable)];

    private readonly Lock _gate = new();
    private readonly List<Write> _writes = [];
    private int _reading;
    private int _readingOffset;
    private int _calledOffInARow;
    private bool _isEnded;
    private bool _endsWithWrite;
    private bool _isReadToEnd;

    private enum Outcome
    {
        Pending,
        Written,
        CalledOff,
    }

    /// <summary>Whether one more write may be called off without making it unclear where it ended.</summary>
    public bool MayCallOff => _calledOffInARow < MaxCalledOffInARow;

    /// <summary>Makes the content of the next write. From now on the reader may see it.</summary>
    /// <param name="content">Filled.</param>
    /// <param name="ends">Whether the write says the end, too.</param>
    public void Begin(Span<byte> content, bool ends)
    {
        lock (_gate)
        {
            Content(_writes.Count)[..content.Length].CopyTo(content);
            _writes.Add(new Write(content.Length, Outcome.Pending));
            _endsWithWrite |= ends;
        }
    }

    /// <summary>All of the write, or of its first <paramref name="bytes"/>, was handed over.</summary>
    public string? NoteWritten(int bytes)
    {
        lock (_gate)
        {
            _writes[^1] = new Write(bytes, Outcome.Written);
            _calledOffInARow = 0;
            return _isReadToEnd ? MissingLocked() : null;
        }
    }

    /// <summary>The write was called off. If it was to say the end, it has not.</summary>
    public string? NoteCalledOff(bool ends)
    {
        lock (_gate)
        {
            _writes[^1] = _writes[^1] with { Outcome = Outcome.CalledOff };
            _calledOffInARow++;
            if (!ends)
                return null;
            _endsWithWrite = false;
            return _isReadToEnd && !_isEnded ? "the end was read, but the write that was to say it was called off" : null;
        }
    }

    /// <summary>From now on the reader may see the end.</summary>
    public void NoteEnd()
    {
        lock (_gate)
            _isEnded = true;
    }

    /// <summary>Checks what was read; returns what is wrong with it, or null.</summary>
    public string? Read(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_isReadToEnd && !bytes.IsEmpty)
                return $"{bytes.Length} bytes came after the end";
            while (!bytes.IsEmpty)
            {
                if (FindWriteLocked(bytes[0]) is { } wrong)
                    return wrong;
                var count = Math.Min(bytes.Length, _writes[_reading].Bytes - _readingOffset);
                var same = bytes[..count].CommonPrefixLength(Content(_reading).Slice(_readingOffset, count));
                if (same == 0)
                    return $"byte {_readingOffset} of write {_reading}, which has {_writes[_reading].Bytes}, is {bytes[0]:X2}";
                bytes = bytes[same..];
                _readingOffset += same;
            }

            return null;
        }
    }

    public string? ReadEnd()
    {
        lock (_gate)
        {
            _isReadToEnd = true;
            return _isEnded || _endsWithWrite ? MissingLocked() : "the end was read, but nobody has said it";
        }
    }

    /// <summary>What was written and not read. A write that has not ended yet, and of which nothing came, may still be called off.</summary>
    private string? MissingLocked()
    {
        for (var i = _reading; i < _writes.Count; i++)
        {
            var read = i == _reading ? _readingOffset : 0;
            if (read < _writes[i].Bytes && (_writes[i].Outcome == Outcome.Written || (_writes[i].Outcome == Outcome.Pending && read > 0)))
                return $"the end was read after {read} of {_writes[i].Bytes} bytes of write {i} ({_writes[i].Outcome})";
        }

        return null;
    }

    /// <summary>Moves on to the write that the next byte is from.</summary>
    private string? FindWriteLocked(byte next)
    {
        var tag = next >> 5;
        while (_reading < _writes.Count)
        {
            var write = _writes[_reading];
            if (_readingOffset < write.Bytes && _reading % Tags == tag)
                return null;
            if (_readingOffset < write.Bytes && write.Outcome != Outcome.CalledOff)
                return $"write {_reading} was read up to byte {_readingOffset} of {write.Bytes}, and then comes {next:X2} of another";
            _reading++;
            _readingOffset = 0;
        }

        return $"{next:X2} was read after the last of {_writes.Count} writes";
    }

    private ReadOnlySpan<byte> Content(int write) =>
        s_tables[write % Tags].AsSpan((int)((number + (write * 7_919L)) % PeriodBytes), MaxWriteBytes);

    private static byte[] CreateTable(int tag)
    {
        var table = new byte[PeriodBytes + MaxWriteBytes];
        new Random(tag).NextBytes(table);
        for (var i = 0; i < table.Length; i++)
            table[i] = (byte)((table[i] & 0x1F) | (tag << 5));
        return table;
    }

    private readonly record struct Write(int Bytes, Outcome Outcome);
}
