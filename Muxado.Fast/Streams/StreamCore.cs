using System.Diagnostics;
using Muxado.Fast.Buffers;
using Muxado.Fast.FlowControl;

namespace Muxado.Fast.Streams;

/// <summary>
/// One stream's state: its windows, its unread bytes, its two possible waiters, and how far it is closed in each direction.
/// </summary>
/// <remarks>
/// Owner: the wire while the stream is open there, its user (or the backlog for it) until released, each waiting operation, and
/// the credit queues; a reference each. The registry knows it until the last one is gone.
/// Threading: all state is guarded by <see cref="_gate"/> (S), which is taken after the table lock (T) and before the write lock
/// (W). The fields named Credit* are guarded by W. Nothing is sent and nobody is woken while S is held.
/// Invariants: see <see cref="AssertInvariantsLocked"/>.
/// Reuse: pooled. A handle carries the generation it was made for, and a generation ends when its user lets go, so a stale handle
/// fails before it touches the next owner's stream. Whoever finds a core by id checks id and session again under S.
/// </remarks>
internal sealed partial class StreamCore
{
    /// <summary>Writes up to this size are copied into the batch; larger ones are sent from the caller's memory.</summary>
    public const int SmallWriteBytes = 2048;

    private readonly Lock _gate = new();
    private StreamHost _host = null!;
    private StreamState _state;
    private int _generation;
    private int _references;
    private SendWindow _sendWindow;
    private ReceiveWindow _receiveWindow;
    private long _creditedAt;
    private UnreadBytes _unread;
    private ReadOperation? _read;
    private WriteOperation? _write;
    private StreamFailure? _failure;
    private StreamExtras? _extras;

    public uint Id { get; private set; }

    public uint Priority { get; private set; }

    public uint StreamType { get; private set; }

    /// <summary>Credit waiting to be sent, and the queue's link. Guarded by the session's write lock, not by this stream's.</summary>
    public uint CreditBytes { get; set; }

    public StreamCore? CreditNext { get; set; }

    public bool IsCreditLinked { get; set; }

    /// <summary>Whether the stream waits in the owed-credit list. Guarded by that list's lock, and set only under S too.</summary>
    public bool IsOwedLinked { get; set; }

    /// <summary>
    /// The links of the one list that the stream is in: the backlog until somebody accepts it, guarded by the backlog's lock; the owed-credit list once
    /// somebody reads it, guarded by that one's.
    /// </summary>
    public StreamCore? ListNext { get; set; }

    public StreamCore? ListPrevious { get; set; }

    /// <summary>Guarded by the backlog's lock.</summary>
    public bool IsInBacklog { get; set; }

    /// <summary>For comparing only: nobody's while the core lies in the pool.</summary>
    public StreamHost? Host => _host;

    public int Generation => _generation;

    public bool IsInbound => (_state & StreamState.Inbound) != 0;

    public bool IsExtension => (_state & StreamState.Extension) != 0;

    /// <summary>Begins a stream's life with two references: the wire's and the user's.</summary>
    public void Open(StreamHost host, uint id, uint priority, uint streamType, StreamState state)
    {
        lock (_gate)
        {
            Debug.Assert(_references == 0, "A core in use was opened again.");
            _host = host;
            Id = id;
            Priority = priority;
            StreamType = streamType;
            _state = state;
            _sendWindow = new SendWindow(Framing.Wire.InitialWindowBytes);
            _receiveWindow = new ReceiveWindow(Framing.Wire.InitialWindowBytes);
            _creditedAt = long.MinValue / 2; // Long ago: the first half window proves nothing.
            _references = 2;
        }
    }

    public void AddReference() => Interlocked.Increment(ref _references);

    public void ReleaseReference(StreamHost host)
    {
        int left = Interlocked.Decrement(ref _references);
        Debug.Assert(left >= 0, "A stream's reference was released twice.");
        if (left == 0)
            host.OnReleased(this);
    }

    /// <summary>Makes the core ready for its next stream. The caller holds the last and only interest in it.</summary>
    public void Recycle()
    {
        lock (_gate)
        {
            Debug.Assert(_read is null && _write is null && !IsCreditLinked && !IsOwedLinked, "A core with work left was recycled.");
            DropUnreadLocked(_host);
            _host.ReleaseWindow(_receiveWindow.SizeBytes - Framing.Wire.InitialWindowBytes);
            _state = StreamState.None;
            _failure = null;
            _extras = null;
            CreditBytes = 0;
            Id = 0;
            _host = null!; // A core in the pool must not keep a session alive that ended long ago.
        }
    }

    /// <summary>Whether this core is still stream <paramref name="id"/> of <paramref name="host"/>; under S.</summary>
    private bool IsLocked(StreamHost host, uint id)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        return Id == id && _host == host && (_state & (StreamState.Reset | StreamState.WireClosed)) == 0;
    }

    private bool Has(StreamState flags) => (_state & flags) != 0;

    private void EnsureCurrentLocked(int generation)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        if (_generation != generation)
            ThrowStale();
    }

    private static void ThrowStale() => throw new ObjectDisposedException(
        nameof(MuxadoStream), "The stream was disposed; a handle cannot be used after that.");

    /// <summary>Notes the stream's end on the wire, once, when the last thing that makes it so has happened.</summary>
    private void CheckWireClosedLocked(ref StreamEffects effects)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        bool bothFins = (_state & (StreamState.FinSent | StreamState.FinReceived)) == (StreamState.FinSent | StreamState.FinReceived);
        if ((bothFins || Has(StreamState.Reset)) && !Has(StreamState.WireClosed))
        {
            _state |= StreamState.WireClosed;
            effects.WireClosed = true;
        }

        AssertInvariantsLocked();
    }

    [Conditional("DEBUG")]
    private void AssertInvariantsLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        Debug.Assert(!Has(StreamState.FinSent) || Has(StreamState.WritesCompleted), "FIN is sent only after writes were completed.");
        Debug.Assert(!Has(StreamState.Reset) || _failure is not null, "A reset stream knows why.");
        Debug.Assert(_read is null || _read.IsQueued || _unread.Count == 0 || _read.IsZeroByte, "A reader waits only for bytes that are not there.");
    }
}
