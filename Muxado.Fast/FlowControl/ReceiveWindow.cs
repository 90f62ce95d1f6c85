using System.Diagnostics;

namespace Muxado.Fast.FlowControl;

/// <summary>
/// The ledger of what we allow the peer to send on one stream. Each byte of the window is in one of three places: the peer may
/// still send it (remaining), it came and the application has not read it (unread), or it was read and its credit is not
/// returned yet (owed).
/// </summary>
/// <remarks>
/// Owner: one stream core.
/// Threading: under the stream's lock.
/// Invariants: remaining + unread + owed == size, none of them negative. Unread is not stored, it is what the others leave.
/// </remarks>
internal struct ReceiveWindow
{
    private int _remainingBytes;

    public ReceiveWindow(int sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeBytes);
        SizeBytes = sizeBytes;
        _remainingBytes = sizeBytes;
    }

    public int SizeBytes { get; private set; }

    /// <summary>Credit that has been earned and not been granted.</summary>
    public int OwedBytes { get; private set; }

    /// <summary>What the peer may still send.</summary>
    public readonly int RemainingBytes => _remainingBytes;

    private readonly int UnreadBytes => SizeBytes - _remainingBytes - OwedBytes;

    /// <summary>Charges what came. False: it is more than was granted, which is the peer's error, and nothing was charged.</summary>
    public bool TryCharge(int bytes)
    {
        Debug.Assert(bytes >= 0, "a frame's length is not negative");
        if (bytes > _remainingBytes)
            return false;
        _remainingBytes -= bytes;
        AssertInvariants();
        return true;
    }

    /// <summary>
    /// Notes that the application has read, and returns the credit to grant now: everything owed once that is half the window,
    /// 0 before. Half keeps the peer sending without a WND_INC for every read.
    /// </summary>
    public int Consume(int bytes)
    {
        Debug.Assert(bytes >= 0 && bytes <= UnreadBytes, "more was consumed than had come");
        OwedBytes += bytes;
        AssertInvariants();
        return OwedBytes >= SizeBytes - OwedBytes ? TakeOwed() : 0;
    }

    /// <summary>Returns all credit owed, to be granted now.</summary>
    public int TakeOwed()
    {
        int owed = OwedBytes;
        OwedBytes = 0;
        _remainingBytes += owed;
        AssertInvariants();
        return owed;
    }

    /// <summary>Makes the window larger. The added bytes are owed: the peer learns of them with the next credit.</summary>
    public void Grow(int newSizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(newSizeBytes, SizeBytes);
        OwedBytes += newSizeBytes - SizeBytes;
        SizeBytes = newSizeBytes;
        AssertInvariants();
    }

    [Conditional("DEBUG")]
    private readonly void AssertInvariants()
    {
        Debug.Assert(_remainingBytes >= 0, "the peer was allowed less than nothing");
        Debug.Assert(OwedBytes >= 0, "less than nothing is owed");
        Debug.Assert(UnreadBytes >= 0, "remaining + unread + owed == size is broken: credit was granted twice");
    }
}
