using System.Diagnostics;

namespace Muxado.Fast.Streams;

/// <content>Half-close, reset, release, and the session's end.</content>
internal sealed partial class StreamCore
{
    /// <summary>Half-close. Harmless when done already, or when the stream was reset.</summary>
    public void CompleteWrites(int generation)
    {
        StreamHost host;
        StreamEffects effects = default;
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            host = _host;
            // A write that completes by itself does not make this superfluous: it may be called off.
            if (Has(StreamState.Reset) || (Has(StreamState.WritesCompleted) && _write is null))
                return;
            _state |= StreamState.WritesCompleted;
            effects.Flush = true;
            if (_write is null)
            {
                SendFinLocked(ref effects);
            }
            else
            {
                // Rides on the write's last frame, or follows it when that is cut already.
                _state |= StreamState.FinRequested;
                host.CompleteAfter(_write);
            }
        }

        effects.Apply(host, this);
    }

    /// <summary>RST. The peer's unread bytes are dropped, here and on the way.</summary>
    public void Abort(int generation, MuxadoErrorCode code)
    {
        StreamHost host;
        StreamEffects effects = default;
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            host = _host;
            _state |= StreamState.LocallyAborted;
            DropUnreadLocked(host);
            if (Has(StreamState.WireClosed | StreamState.Reset))
            {
                // It has ended already, in order or not; there is nothing left to tell the peer.
                _state |= StreamState.Reset;
                _failure ??= LocalAbort(code);
                EndReadLocked(ref effects);
                AssertInvariantsLocked();
            }
            else
            {
                ResetLocked(LocalAbort(code), code, ref effects);
            }

            SignalReadsClosedLocked(_failure); // Also when the peer's end had come: what was before it will not be read any more.
        }

        effects.Apply(host, this);
    }

    /// <summary>The user lets go: half-closes, ends what is pending at once, and answers unread data with RST.</summary>
    public void Release(int generation)
    {
        StreamHost host;
        StreamEffects effects = default;
        lock (_gate)
        {
            if (_generation != generation)
                return; // Disposed before: harmless.
            host = _host;
            _generation++;
            _state |= StreamState.Released;
            effects.ReferencesDropped = 1;
            effects.Flush = true;
            EndReadLocked(ref effects);
            ForgetOwedLocked(ref effects);

            bool wasUnread = _unread.Count > 0;
            DropUnreadLocked(host);
            StreamExtras.Signal(_extras?.ReadsClosed, null);
            StreamExtras.Signal(_extras?.WritesClosed, null);
            StreamExtras.Signal(_extras?.PeerWritesClosed, null);
            if (!Has(StreamState.WireClosed))
            {
                // A FIN after half a write would pass a cut-off message for a whole one, so that is a reset too.
                bool isCutOff = _write is { } write ? !host.IsCut(write) : Has(StreamState.Truncated) && !Has(StreamState.WritesCompleted);
                if (isCutOff)
                {
                    ResetLocked(Disposal, MuxadoErrorCode.Cancel, ref effects);
                }
                else if (wasUnread)
                {
                    ResetLocked(Disposal, MuxadoErrorCode.StreamClosed, ref effects);
                }
                else if (!Has(StreamState.WritesCompleted))
                {
                    _state |= StreamState.WritesCompleted;
                    SendFinLocked(ref effects);
                }
            }

            int armed = (_extras?.ArmedWakeUps ?? 0) + (Has(StreamState.ProbeArmed) ? 1 : 0);
            if (armed > 0)
                host.ForgetDeadlines(armed);
        }

        effects.Apply(host, this);
    }

    /// <summary>The session has ended, or (if not <paramref name="detaches"/>) went away below this stream. What was received stays readable.</summary>
    public void Fail(StreamHost host, uint id, StreamFailure failure, bool detaches)
    {
        StreamEffects effects = default;
        lock (_gate)
        {
            if (Id != id || _host != host)
                return;
            EndUnreadLocked(host); // From here on a slow reader holds nobody up.
            if (detaches)
                _unread.Detach(host.Blocks);
            if (!Has(StreamState.Reset | StreamState.WireClosed))
                FailLocked(failure, ref effects);
        }

        effects.Apply(host, this);
    }

    /// <summary>Ends the stream on this side and tells the peer.</summary>
    private void ResetLocked(StreamFailure failure, MuxadoErrorCode code, ref StreamEffects effects)
    {
        // First its write and its credit leave the output: nothing of the stream may follow its RST.
        FailLocked(failure, ref effects);
        _host.AppendReset(Id, code);
        effects.Flush = true;
    }

    private void FailLocked(StreamFailure failure, ref StreamEffects effects)
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        bool readsOpen = !Has(StreamState.FinReceived);
        bool writesOpen = !Has(StreamState.FinSent);
        _state |= StreamState.Reset;
        _failure = failure;
        _host.DropCredit(this);
        ForgetOwedLocked(ref effects);
        if (_write is { } write)
            WithdrawLocked(write, Has(StreamState.Released) ? DisposedFailure() : failure.ToException(), ref effects);
        EndReadLocked(ref effects);
        if (readsOpen)
        {
            SignalReadsClosedLocked(failure);
            StreamExtras.Signal(_extras?.PeerWritesClosed, failure);
        }

        if (writesOpen)
            StreamExtras.Signal(_extras?.WritesClosed, failure);
        CheckWireClosedLocked(ref effects);
    }

    /// <summary>Ends a waiting read with what the state now says; one that has something to report already, bytes or the end, is on its way with that.</summary>
    private void EndReadLocked(ref StreamEffects effects)
    {
        if (_read is not { IsQueued: false } read)
            return;
        _read = null;
        read.EndWith(GoneLocked());
        effects.Read = read;
        effects.ReferencesDropped++;
    }

    private static readonly StreamFailure Disposal = new(MuxadoError.StreamAborted, "The stream was disposed on this side.");

    private static StreamFailure LocalAbort(MuxadoErrorCode code) =>
        new(MuxadoError.StreamAborted, $"The stream was aborted on this side with code {(uint)code} ({code}).", code);
}
