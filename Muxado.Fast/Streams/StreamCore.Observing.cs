using System.Diagnostics;

namespace Muxado.Fast.Streams;

/// <content>What can be seen of a stream from outside, and how long it is held up.</content>
internal sealed partial class StreamCore
{
    // Since when bytes wait unread, on the session's clock, and one more; 0 when none do, or nobody measures.
    private long _unreadSince;

    /// <summary>The stream at this moment; null when the core is another's by now.</summary>
    public MuxadoStreamSnapshot? GetSnapshot(StreamHost host, uint id)
    {
        lock (_gate)
        {
            if (Id != id || _host != host)
                return null;
            return new MuxadoStreamSnapshot
            {
                Id = id,
                StreamType = StreamType,
                Priority = Priority,
                IsInbound = IsInbound,
                IsExtension = IsExtension,
                IsQueued = IsInBacklog, // The backlog's: a glance, as of the recent past.
                UnreadBytes = _unread.Count,
                ReceiveWindowBytes = _receiveWindow.SizeBytes,
                ReceiveCreditBytes = _receiveWindow.RemainingBytes,
                SendCreditBytes = _sendWindow.AvailableBytes,
                IsReadWaiting = _read is not null,
                IsWriteWaiting = _write is not null,
                UnsentBytes = _write is null ? 0 : host.UncutBytes(_write),
                AreWritesCompleted = Has(StreamState.WritesCompleted),
                AreReadsCompleted = Has(StreamState.FinReceived),
                IsDisposed = Has(StreamState.Released),
                Error = _failure?.Error ?? MuxadoError.None,
                ErrorCode = _failure?.Code,
            };
        }
    }

    /// <summary>Bytes are about to wait for a reader.</summary>
    private void NoteUnreadLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        if (_unread.Count == 0 && _host.MeasuresWaits)
            _unreadSince = _host.Now + 1;
    }

    /// <summary>No byte waits for a reader any more, or nobody has to read it.</summary>
    private void EndUnreadLocked(StreamHost host)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        if (_unreadSince == 0)
            return;
        host.AddWait(StreamWait.Reader, host.Now + 1 - _unreadSince);
        _unreadSince = 0;
    }

    private void DropUnreadLocked(StreamHost host)
    {
        EndUnreadLocked(host);
        _unread.Clear(host.Blocks);
    }
}
