using Muxado.Fast.Diagnostics;
using Muxado.Fast.Framing;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <summary>Takes each frame to the stream it is for, and decides about those that have none.</summary>
/// <remarks>
/// Owner: the receive pump.
/// Threading: the receive drain's, one frame at a time; what it calls takes its own locks.
/// Invariants: a frame for a stream that has ended is answered at most by the output's one RST for its id. What was answered by an
/// RST ends in <see cref="GoesOn"/>, so no more of them are queued than the options allow.
/// </remarks>
internal sealed class FrameDispatcher(SessionEngine session) : IFrameHandler
{
    private ResetBudget _budget = new(session.Options.EarlyResetBurst, session.Options.EarlyResetsPerSecond, session.Timer.TicksPerSecond, session.Now);
    private int _goAways;

    // The stream of the last frame, which is most often that of the next: finding it again takes no lock. It may be over by now
    // and its core another stream's; the core checks id and session itself, under its own lock.
    private uint _lastId;
    private StreamCore? _last;

    /// <summary>How many frames were complete. Tells a slow frame from a stuck one.</summary>
    public long Frames { get; private set; }

    /// <summary>Whatever ends the decoding for good ends the session as well.</summary>
    public bool IsPausing => !session.IsClosing;

    /// <summary>No more frames come. The last stream's core may soon be another session's, which is not to be kept alive from here.</summary>
    public void End() => _last = null;

    public bool OnSyn(uint id, uint priority, uint streamType, bool fin)
    {
        Frames++;

        // Go's SYN with FIN means that the acceptor may not write: its opener reads EOF already.
        StreamState kind = fin ? StreamState.OneWay | StreamState.WritesCompleted | StreamState.FinSent : StreamState.None;
        if (streamType >= Wire.FirstExtensionStreamType)
            return OnExtensionSyn(id, priority, streamType, kind);

        StreamRegistry streams = session.Streams;
        if (!session.Backlog.HasRoom)
            return streams.TryPass(id) ? TurnAway(id, MuxadoErrorCode.RefusedStream) : Illegal(id);
        switch (streams.Admit(id, priority, streamType, kind, out StreamCore? stream))
        {
            case Admission.Illegal:
                return Illegal(id);
            case Admission.Refused:
                return TurnAway(id, MuxadoErrorCode.RefusedStream);
        }

        (_lastId, _last) = (id, stream);
        NoteAdmitted(id, priority, streamType);
        if (!session.Backlog.TryAdd(stream!))
        {
            stream!.Refuse(session, id, SessionEngine.RefusedByUs);
            return GoesOn();
        }

        return true;
    }

    public bool OnRst(uint id, uint errorCode)
    {
        Frames++;
        StreamCore? stream = session.Streams.Find(id, out bool wasOpened);
        if (stream is null)
            return NoteReset(id, errorCode, wasOpened) || Idle("RST", id);

        NoteReset(id, errorCode, wasOpened);
        session.Output.SuppressReset(id);
        bool wasSeen = !session.Backlog.TryRemove(stream, id);
        bool isEarly = stream.OnReset(session, id, errorCode);
        if (!wasSeen)
            stream.Refuse(session, id, SessionEngine.RefusedByUs);
        return (wasSeen && !isEarly) || Spend("streams reset before they had an answer");
    }

    public bool OnData(uint id, ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin)
    {
        if (offset + chunk.Length == payloadBytes)
            Frames++;
        StreamCore? stream = Find(id, out bool wasOpened);
        if (stream is null)
            return wasOpened ? OnLateData(id, payloadBytes, offset, fin) : Idle("DATA", id);

        return stream.OnData(session, id, chunk, payloadBytes, offset, fin) switch
        {
            DataOutcome.NotOpen => OnLateData(id, payloadBytes, offset, fin),
            DataOutcome.Unwanted => GoesOn(),
            DataOutcome.Violation => OnStreamViolation(stream, id),
            _ => true,
        };
    }

    public bool OnWindowIncrement(uint id, uint credit)
    {
        Frames++;
        StreamCore? stream = Find(id, out bool wasOpened);
        if (stream is null)
            return wasOpened || Idle("WND_INC", id);
        if (credit == 0)
            return Spend("window increments of nothing");
        return stream.OnCredit(session, id, credit) || OnStreamViolation(stream, id);
    }

    public bool OnGoAway(uint lastId, uint errorCode)
    {
        Frames++;
        if (++_goAways > session.Options.MaxGoAways)
        {
            OnViolation(MuxadoErrorCode.ProtocolError, $"frame GOAWAY: more than {session.Options.MaxGoAways} of them");
            return false;
        }

        session.OnPeerGoAway(lastId, errorCode);
        return true;
    }

    public bool OnGoAwayDebug(ReadOnlySpan<byte> chunk)
    {
        session.OnPeerDebug(chunk);
        return true;
    }

    public void OnViolation(MuxadoErrorCode code, string message) => session.OnViolation(code, message);

    private void NoteAdmitted(uint id, uint priority, uint streamType)
    {
        if (MuxadoEventSource.Log.AreStreamsEnabled)
            MuxadoEventSource.Log.StreamAccepted(session.Number, id, streamType, priority);
    }

    /// <summary>A reset of a stream that was never opened is none.</summary>
    private bool NoteReset(uint id, uint errorCode, bool wasOpened)
    {
        if (!wasOpened)
            return false;
        session.Counters.AddResetReceived(errorCode);
        if (MuxadoEventSource.Log.AreStreamsEnabled)
            MuxadoEventSource.Log.StreamReset(session.Number, id, "received", errorCode);
        return true;
    }

    private StreamCore? Find(uint id, out bool wasOpened)
    {
        wasOpened = true;
        if (id == _lastId && _last is not null)
            return _last;
        StreamCore? stream = session.Streams.Find(id, out wasOpened);
        if (stream is not null)
            (_lastId, _last) = (id, stream);
        return stream;
    }

    private bool OnExtensionSyn(uint id, uint priority, uint streamType, StreamState kind)
    {
        MuxadoExtension? extension = session.FindExtension(streamType);
        if (extension is null)
            return session.Streams.TryPass(id) ? TurnAway(id, MuxadoErrorCode.StreamClosed) : Illegal(id);

        // Decided here, in the order of the frames: what serves the streams runs on any thread.
        if (extension is Heartbeat heartbeat && !heartbeat.TryClaimPeerStream())
            return session.Streams.TryPass(id) ? TurnAway(id, MuxadoErrorCode.RefusedStream) : Illegal(id);
        switch (session.Streams.Admit(id, priority, streamType, kind | StreamState.Extension, out StreamCore? stream))
        {
            case Admission.Illegal:
                return Illegal(id);
            case Admission.Refused:
                return TurnAway(id, MuxadoErrorCode.RefusedStream);
            default:
                NoteAdmitted(id, priority, streamType);
                session.ServeExtension(extension, stream!);
                return true;
        }
    }

    /// <summary>DATA for a closed stream: RST 4 once, except for an empty FIN and for what is left of a frame or stream that we reset.</summary>
    private bool OnLateData(uint id, int payloadBytes, int offset, bool fin)
    {
        if (offset == 0 && !(payloadBytes == 0 && fin) && !session.IsClosing)
            return TurnAway(id, MuxadoErrorCode.StreamClosed);
        return true;
    }

    /// <summary>The peer broke a rule of a stream, which was reset for it. If nobody has seen the stream, nobody is to.</summary>
    private bool OnStreamViolation(StreamCore stream, uint id)
    {
        if (session.Backlog.TryRemove(stream, id))
            stream.Refuse(session, id, SessionEngine.RefusedByUs);
        return Spend("frames against the rules of their streams") && GoesOn();
    }

    private bool TurnAway(uint id, MuxadoErrorCode code)
    {
        session.Output.AppendReset(id, code, isProvoked: true);
        return GoesOn();
    }

    /// <summary>False: the peer takes our answers more slowly than it provokes them, and what else it has sent is looked at when it has taken these.</summary>
    private bool GoesOn() => !session.IsControlFull;

    private bool Illegal(uint id)
    {
        OnViolation(MuxadoErrorCode.ProtocolError, session.Streams.DescribeIllegal(id));
        return false;
    }

    private bool Idle(string frame, uint id)
    {
        OnViolation(MuxadoErrorCode.ProtocolError, $"frame {frame} on stream {id}: the stream was never opened");
        return false;
    }

    private bool Spend(string what)
    {
        if (_budget.TrySpend(session.Now))
            return true;
        OnViolation(MuxadoErrorCode.ProtocolError, $"too many {what}: more than {session.Options.EarlyResetBurst} at once and {session.Options.EarlyResetsPerSecond} a second");
        return false;
    }
}
