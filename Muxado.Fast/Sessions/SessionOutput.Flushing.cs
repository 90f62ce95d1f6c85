using Muxado.Fast.Buffers;
using Muxado.Fast.Streams;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Sessions;

/// <content>
/// The flush token. Whoever queues something and finds the token free takes it and sends on its own thread: no writer thread, no
/// wake. Writers that come while the token is taken only append, and their frames form the holder's next batch.
/// <code>
///   writer A                         writer B
///   append, take token
///   send A's batch (in the kernel)   append; token taken: return
///   under W: B's frame is queued
///   send B's frame
///   under W: nothing queued,
///   let the token go                 append; token free: take it
/// </code>
/// A holder that is kept busy for a while after its first batch lets the token go with frames still queued, and posts a flush for them:
/// whoever calls <c>WriteAsync</c> wants to go on. Until that flush runs the token is free for anybody.
/// </content>
internal sealed partial class SessionOutput
{
    /// <summary>
    /// As long as a piece of a batch takes longer than this, no more than a large block goes into one send, for nobody sees a send's
    /// progress: a slow link is not to be taken for one that has stalled.
    /// </summary>
    private static readonly TimeSpan SlowSend = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a thread goes on after its first batch, be it with its own frames or with those that others queue meanwhile.</summary>
    private static readonly TimeSpan SliceLimit = TimeSpan.FromMilliseconds(1);

    private readonly long _sliceTicks;
    private readonly LaterFlush _laterFlush;
    private bool _isFlushPosted;

    private readonly List<WriteOperation> _pinned = [];
    private readonly List<WriteOperation> _ended = [];

    // Streams whose place in the credit queue has ended; their references are released once W is left.
    private readonly List<StreamCore> _creditReleased = [];
    private long _pendingSince = long.MaxValue;

    // Of the piece that is being sent in the transport's own time. The token holder's.
    private int _pieceBytes;
    private long _pieceSince;
    private bool _isLinkFast;

    // Whether it took the last batch whole, at once. The token holder's.
    private bool _takesAtOnce;

    /// <summary>Whether anything waits for a flush that nobody is at.</summary>
    public bool HasUnflushed
    {
        get
        {
            lock (_gate)
                return !_isFlushing && !_isFlushPosted && !_isStopped && HasWorkLocked();
        }
    }

    /// <summary>The same without the lock: exact for what this thread queued, otherwise of the recent past.</summary>
    public bool HasUnflushedAtAGlance => !_filling.IsEmpty || _creditFirst is not null || !_ring.IsEmpty;

    /// <summary>Whether a receive drain has gathered enough to send now.</summary>
    public bool IsCorkFull => _filling.TotalBytes >= CorkLimitBytes;

    /// <summary>Whether so many control frames wait that the peer must not provoke more of them for now. It provokes no SYN of ours.</summary>
    public bool IsControlFull
    {
        get
        {
            int synBytes = Volatile.Read(ref _fillingSynBytes); // First: what was loaded in between is then in neither.
            return Volatile.Read(ref _controlFrames) >= _controlFramesLimit || _filling.TotalBytes - synBytes >= BatchLimitBytes;
        }
    }

    /// <summary>Since when the transport has had our bytes without taking them, on the session's clock; <see cref="long.MaxValue"/> if it has none.</summary>
    public long PendingSince => Volatile.Read(ref _pendingSince);

    /// <summary>Sends what is queued unless the token is taken; where that takes long, a posted flush sends the rest. The caller holds no lock.</summary>
    public void Flush()
    {
        bool isLoaded;
        lock (_gate)
        {
            if (_isFlushing || _isStopped || !HasWorkLocked())
                return;
            _isFlushing = true;
            isLoaded = LoadLocked();
        }

        if (!isLoaded || SendLoaded())
            LoadNextAndSend();
    }

    /// <summary>The transport has taken, or failed to take, what it was given to send in its own time.</summary>
    public void OnSent(in TransportResult result)
    {
        Volatile.Write(ref _pendingSince, long.MaxValue);
        if (TakeSent(result) && SendLoaded())
            LoadNextAndSend();
    }

    /// <summary>Ends the output: nothing more is sent, and everything queued is dropped.</summary>
    public void Stop()
    {
        var released = new List<StreamCore>();
        lock (_gate)
        {
            // A holder of the token clears its own batch when it comes back from the transport.
            _isStopped = true;
            _filling.Clear();
            _fillingSynBytes = 0;
            _lastDataId = 0;
            _controlFramesSending = 0;
            Volatile.Write(ref _controlFrames, 0);
            while (_creditFirst is not null)
                released.Add(RemoveFirstCreditLocked());
        }

        foreach (StreamCore stream in released)
            stream.ReleaseReference(_session);
    }

    private void LoadNextAndSend()
    {
        long began = long.MaxValue;
        bool isSliceOver = false;
        while (true)
        {
            bool isLoaded;
            bool isDrained;
            bool isClosing;
            bool isLetGo;
            bool posts = false;
            lock (_gate)
            {
                UnpinLocked();
                NoteTakenLocked();
                isLoaded = !isSliceOver && LoadLocked();
                isDrained = !isLoaded && (_isStopped || !HasWorkLocked());
                isClosing = _hasGoodbye;

                // What has ended is the holder's to complete: the token is let go only when that is done too.
                isLetGo = (isDrained || isSliceOver) && !HasEnded;
                if (isLetGo)
                {
                    _isFlushing = false;
                    posts = !isDrained && !_isFlushPosted;
                    _isFlushPosted |= posts;
                }
            }

            if (isLetGo && isDrained)
            {
                _session.OnOutputDrained(isClosing);
                return;
            }

            if (posts)
                _session.Scheduler.Post(_laterFlush);
            _session.ResumeReceive();
            if (isLetGo)
                return;
            CompleteEnded();
            if (!isLoaded)
                continue;
            if (began == long.MaxValue)
                began = _session.Now;
            if (!SendLoaded())
                return;
            isSliceOver = _session.Now - began >= _sliceTicks;
        }
    }

    /// <summary>Sends the loaded batch. False: the transport will call back, and the token stays with that call.</summary>
    private bool SendLoaded()
    {
        // First the writers that were copied: by the time this batch is sent their next write is in line.
        CompleteEnded();
        RaiseResetEvents();
        if (_transport.CanSendWithoutCopy && !_sending.IsEmpty)
        {
            int sent = _sending.Count == 1 ? _transport.TrySend(_sending.First.Span) : _transport.TrySend(_sending);
            _sending.Consume(sent);
            CountSent(sent);
            _takesAtOnce = _sending.IsEmpty;
        }

        GiveBackBorrowed();
        while (!_sending.IsEmpty)
        {
            ReadOnlyMemory<byte> piece = _sending.First;
            if (!_isLinkFast && piece.Length > Block.LargeBytes)
                piece = piece[..Block.LargeBytes];

            // Written before the send begins: its callback may run before the call returns.
            _pieceBytes = piece.Length;
            _pieceSince = _session.Now;
            Interlocked.Exchange(ref _pendingSince, _pieceSince); // A full fence: the alarm that this finds set sees it.
            _session.OnSendPending(); // Before it, too: a stream of the application's may block in its WriteAsync.
            if (!_transport.Send(piece, out TransportResult result))
                return false;

            Volatile.Write(ref _pendingSince, long.MaxValue);
            if (!TakeSent(result))
                return false;
        }

        return true;
    }

    /// <summary>The transport is full: copies what is left of the writers' memory, so that they need not wait for it.</summary>
    private void GiveBackBorrowed()
    {
        if (_pinned.Count == 0 || _sending.IsEmpty)
            return;
        _sending.MakeOwned();
        lock (_gate)
            UnpinLocked();
        CompleteEnded();
    }

    private bool TakeSent(in TransportResult result)
    {
        if (result.Error is null && !Volatile.Read(ref _isStopped))
        {
            bool wasFast = _session.Timer.ToTimeSpan(_session.Now - _pieceSince) < SlowSend;
            _isLinkFast = wasFast && (_isLinkFast || _pieceBytes == Block.LargeBytes); // Less may merely have found room.
            _sending.Consume(_pieceBytes);
            CountSent(_pieceBytes);
            return true;
        }

        lock (_gate)
        {
            UnpinLocked();
            _sending.Clear();
            _isStopped = true; // After a failed send nobody knows where in a frame the peer is.
        }

        CompleteEnded();
        lock (_gate)
            _isFlushing = false;
        if (result.Error is not null)
            _session.OnSendFailed(result.Error);
        return false;
    }

    /// <summary>Whether the token's holder has waiters to wake or references to release.</summary>
    private bool HasEnded => _ended.Count > 0 || _creditReleased.Count > 0;

    private bool HasWorkLocked() => !_filling.IsEmpty || _creditFirst is not null || !_ring.IsEmpty;

    private void UnpinLocked()
    {
        foreach (WriteOperation write in _pinned)
        {
            write.IsPinned = false;
            if (write.IsCut || write.DeferredError is not null)
                _ended.Add(write);
        }

        _pinned.Clear();
    }

    /// <summary>Wakes the writers whose last byte was taken. The caller holds the token and no lock.</summary>
    private void CompleteEnded()
    {
        foreach (WriteOperation write in _ended)
        {
            if (write.IsMeasured)
                write.EndWait(_session.Now);
            if (write.End(write.DeferredError))
                _session.Complete(write);
        }

        _ended.Clear();
        foreach (StreamCore stream in _creditReleased)
            stream.ReleaseReference(_session);
        _creditReleased.Clear();
    }

    private sealed class LaterFlush(SessionOutput output) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            lock (output._gate)
                output._isFlushPosted = false;
            output.Flush();
        }
    }
}
