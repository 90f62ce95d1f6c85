using System.Diagnostics;
using Muxado.Fast.Framing;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <summary>
/// Who sends the next frame: the writes that wait, in one ring for each priority. The highest priority goes first, equal
/// ones take turns frame by frame, and one byte in twelve of a contended connection goes to the others so that nobody starves.
/// </summary>
/// <remarks>
/// Owner: the session's output.
/// Threading: under the output's write lock.
/// Invariants: classes are sorted from high to low priority and none is empty; a write is linked exactly while bytes of it are
/// granted and not cut.
/// Reuse: emptied classes are kept for later, so a steady set of priorities allocates nothing.
/// </remarks>
internal sealed class PriorityRing
{
    /// <summary>For every so many bytes of the highest class, one byte is set aside for the lower ones: they get 1/12, it gets 11/12.</summary>
    private const int TopBytesPerEscapeByte = 11;

    /// <summary>When so many bytes of the highest class have gone, a frame of a lower one is due.</summary>
    private const int TopBytesPerEscape = TopBytesPerEscapeByte * Wire.MaxFrameBytes;

    /// <summary>What is beyond this is forgotten: a share is not saved up while there is nothing to send.</summary>
    private const int MaxTopBytes = 4 * TopBytesPerEscape;

    private readonly List<PriorityClass> _classes = [];
    private readonly Stack<PriorityClass> _spares = new();

    // Bytes of the highest class for which the others have not had their share.
    private int _topBytes;

    // Wraps: a peer that takes little at a time, or an application of small writes, gets it round in days.
    private uint _escapeTurn;

    public bool IsEmpty => _classes.Count == 0;

    public bool HasSeveralPriorities => _classes.Count > 1;

    public bool HasSeveralWrites => HasSeveralPriorities || (!IsEmpty && _classes[0].HasSeveral);

    public uint TopPriority => _classes[0].Priority;

    public void Link(WriteOperation write)
    {
        Debug.Assert(!write.IsLinked);
        ClassOf(write.Stream.Priority).Add(write);
    }

    public void Unlink(WriteOperation write)
    {
        Debug.Assert(write.IsLinked);
        int index = IndexOf(write.Stream.Priority);
        PriorityClass own = _classes[index];
        own.Remove(write);
        if (own.Next is null)
        {
            _classes.RemoveAt(index);
            _spares.Push(own);
        }
    }

    /// <summary>
    /// The write whose frame is next, or null. One below the <paramref name="floor"/>, the highest priority that had a share of this
    /// batch already, is next only if it uses what was set aside.
    /// </summary>
    public WriteOperation? Next(uint floor)
    {
        if (IsEmpty)
            return null;
        bool topMayGo = TopPriority >= floor;
        int lower = topMayGo ? _classes.Count - 1 : _classes.Count;
        if (lower == 0 || _topBytes < TopBytesPerEscape)
            return topMayGo ? _classes[0].Next : null;

        // Every other time the lowest class, else those above it in turn: the lowest gets 1/24 however many there are.
        int highest = _classes.Count - lower;
        _escapeTurn++;
        int index = (_escapeTurn & 1) == 0 ? _classes.Count - 1 : highest + (int)(_escapeTurn / 2 % (uint)Math.Max(1, lower - 1));
        return _classes[index].Next;
    }

    /// <summary>Accounts for a frame that was cut, header included, and passes the turn on. The write stays linked.</summary>
    public void OnCut(WriteOperation write, int frameBytes, uint floor)
    {
        PriorityClass own = _classes[IndexOf(write.Stream.Priority)];
        own.Rotate();
        if (own.Priority < floor || own != _classes[0])
            _topBytes = Math.Max(0, _topBytes - (TopBytesPerEscapeByte * frameBytes));
        else if (HasSeveralPriorities)
            SetAside(frameBytes);
    }

    /// <summary>Accounts for bytes of higher priority that passed the ring by, in the batch: headers too, which are most of what small writes send.</summary>
    public void SetAside(int frameBytes) => _topBytes += Math.Min(frameBytes, MaxTopBytes - _topBytes);

    private PriorityClass ClassOf(uint priority)
    {
        int index = IndexOf(priority);
        if (index >= 0)
            return _classes[index];
        if (!_spares.TryPop(out PriorityClass? own))
            own = new PriorityClass();
        own.Priority = priority;
        _classes.Insert(~index, own);
        return own;
    }

    /// <summary>The index of a priority's class, or the complement of where it belongs.</summary>
    private int IndexOf(uint priority)
    {
        int low = 0;
        int high = _classes.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            uint found = _classes[middle].Priority;
            if (found == priority)
                return middle;
            if (found > priority)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }

    /// <summary>The waiting writes of one priority: a circular list, and whose turn it is.</summary>
    private sealed class PriorityClass
    {
        public uint Priority { get; set; }

        public WriteOperation? Next { get; private set; }

        public bool HasSeveral => Next is { } next && next.RingNext != next;

        /// <summary>Adds at the end of the round, which is just before the one whose turn it is.</summary>
        public void Add(WriteOperation write)
        {
            if (Next is not { } next)
            {
                Next = write.RingNext = write.RingPrevious = write;
                return;
            }

            WriteOperation last = next.RingPrevious!;
            write.RingNext = next;
            write.RingPrevious = last;
            last.RingNext = write;
            next.RingPrevious = write;
        }

        public void Remove(WriteOperation write)
        {
            if (write.RingNext == write)
            {
                Next = null;
            }
            else
            {
                write.RingNext!.RingPrevious = write.RingPrevious;
                write.RingPrevious!.RingNext = write.RingNext;
                if (Next == write)
                    Next = write.RingNext;
            }

            write.RingNext = write.RingPrevious = null;
        }

        public void Rotate() => Next = Next!.RingNext;
    }
}
