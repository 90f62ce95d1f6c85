using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Soak;

/// <summary>A <see cref="Flow"/> whose writer and reader are on threads of their own: what may be read is noted before it is written.</summary>
/// <remarks>
/// Owner: the stream's <see cref="Conversation"/>.
/// Threading: one writer and one reader, each on any thread; the lock guards all.
/// Invariants: a write that also says the end has said it if it succeeds, and may have been read to the end before it does.
/// </remarks>
internal sealed class SharedFlow(uint number)
{
    public const int MaxWriteBytes = 80_000;

    private const int MaxCalledOffInARow = 5;

    private readonly Lock _gate = new();
    private readonly Flow _flow = new(number);
    private bool _endsWithWrite;

    /// <summary>Whether one more write may be called off without making it unclear where it ended. The writer's.</summary>
    public bool MayCallOff => _flow.CalledOffInARow < MaxCalledOffInARow;

    /// <summary>Makes the content of the next write. From now on the reader may see it.</summary>
    /// <param name="content">Filled.</param>
    /// <param name="ends">Whether the write says the end, too.</param>
    public void Begin(Span<byte> content, bool ends)
    {
        lock (_gate)
        {
            _flow.Next(content.Length).Span.CopyTo(content);
            _flow.Begin(content.Length);
            _endsWithWrite |= ends;
        }
    }

    /// <summary>All of the write, or of its first <paramref name="bytes"/>, was handed over.</summary>
    public string? NoteWritten(int bytes)
    {
        lock (_gate)
        {
            _flow.Shorten(bytes);
            _flow.End(isWritten: true);
            return _flow.IsReadToEnd ? _flow.Missing() : null;
        }
    }

    /// <summary>The write was called off. If it was to say the end, it has not.</summary>
    public string? NoteCalledOff(bool ends)
    {
        lock (_gate)
        {
            _flow.End(isWritten: false);
            if (!ends)
                return null;
            _endsWithWrite = false;
            return _flow.IsReadToEnd && !_flow.IsEnded ? "the end was read, but the write that was to say it was called off" : null;
        }
    }

    /// <summary>From now on the reader may see the end, which the writer says.</summary>
    public void NoteEnd()
    {
        lock (_gate)
        {
            _flow.IsEnded = true;
            _flow.EndsByDisposal = false;
        }
    }

    /// <summary>From now on the reader may see the end: if the writer has not said it, its disposal of the stream does, but not behind half a write.</summary>
    public void NoteDisposal()
    {
        lock (_gate)
        {
            _flow.EndsByDisposal |= !_flow.IsEnded;
            _flow.IsEnded = true;
        }
    }

    /// <summary>Checks what was read; returns what is wrong with it, or null.</summary>
    public string? Read(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
            return _flow.Read(bytes);
    }

    public string? ReadEnd()
    {
        lock (_gate)
            return _flow.ReadEnd(maySayEnd: _endsWithWrite);
    }
}
