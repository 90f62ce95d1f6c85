using System.Diagnostics.Tracing;

namespace Muxado.Fast.Diagnostics;

/// <summary>The events of all sessions, for dotnet-trace, EventListener and the like. docs/diagnostics.md lists them.</summary>
/// <remarks>
/// Owner: the process.
/// Threading: any thread, with no lock held: a listener's code runs inside these calls.
/// Invariants: numbers, names and the order of arguments are read by tools, and stay.
/// </remarks>
[EventSource(Name = EventSourceName)]
internal sealed class MuxadoEventSource : EventSource
{
    public const string EventSourceName = "Muxado-Fast";

    public static readonly MuxadoEventSource Log = new();

    private MuxadoEventSource()
    {
    }

    public bool AreFramesEnabled => IsEnabled(EventLevel.Verbose, Keywords.Frames);

    public bool AreStreamsEnabled => IsEnabled(EventLevel.Informational, Keywords.Streams);

    [Event(1, Level = EventLevel.Informational, Keywords = Keywords.Sessions, Message = "Session {0} started ({1}, {2} to {3}).")]
    public void SessionStarted(long session, string role, string local, string remote)
    {
        if (IsEnabled(EventLevel.Informational, Keywords.Sessions))
            WriteEvent(1, session, role, local, remote);
    }

    [Event(2, Level = EventLevel.Informational, Keywords = Keywords.Sessions, Message = "Session {0} ended after {2} s: {1} {3}.")]
    public void SessionStopped(long session, string error, double seconds, string message)
    {
        if (IsEnabled(EventLevel.Informational, Keywords.Sessions))
            WriteEvent(2, session, error, seconds, message);
    }

    /// <param name="session">The session.</param>
    /// <param name="direction">"sent" or "received".</param>
    /// <param name="lastStream">The last stream that is still taken.</param>
    /// <param name="code">Why.</param>
    [Event(3, Level = EventLevel.Informational, Keywords = Keywords.Sessions, Message = "Session {0}: GOAWAY {1}, last stream {2}, code {3}.")]
    public void SessionGoingAway(long session, string direction, long lastStream, long code)
    {
        if (IsEnabled(EventLevel.Informational, Keywords.Sessions))
            WriteEvent(3, session, direction, lastStream, code);
    }

    [Event(4, Level = EventLevel.Warning, Keywords = Keywords.Sessions, Message = "Session {0}: the peer was silent for {1} s.")]
    public void HeartbeatTimeout(long session, double seconds)
    {
        if (IsEnabled(EventLevel.Warning, Keywords.Sessions))
            WriteEvent(4, session, seconds);
    }

    [Event(5, Level = EventLevel.Informational, Keywords = Keywords.Streams, Message = "Session {0}: stream {1} opened.")]
    public void StreamOpened(long session, long stream, long type, long priority)
    {
        if (AreStreamsEnabled)
            WriteEvent(5, session, stream, type, priority);
    }

    [Event(6, Level = EventLevel.Informational, Keywords = Keywords.Streams, Message = "Session {0}: the peer's stream {1} taken.")]
    public void StreamAccepted(long session, long stream, long type, long priority)
    {
        if (AreStreamsEnabled)
            WriteEvent(6, session, stream, type, priority);
    }

    [Event(7, Level = EventLevel.Informational, Keywords = Keywords.Streams, Message = "Session {0}: stream {1} closed.")]
    public void StreamClosed(long session, long stream)
    {
        if (AreStreamsEnabled)
            WriteEvent(7, session, stream);
    }

    [Event(8, Level = EventLevel.Informational, Keywords = Keywords.Streams, Message = "Session {0}: RST of stream {1} {2}, code {3}.")]
    public void StreamReset(long session, long stream, string direction, long code)
    {
        if (AreStreamsEnabled)
            WriteEvent(8, session, stream, direction, code);
    }

    [NonEvent]
    public void Frame(bool isSent, long session, string type, long stream, int length, string details)
    {
        if (isSent)
            FrameSent(session, type, stream, length, details);
        else
            FrameReceived(session, type, stream, length, details);
    }

    [Event(9, Level = EventLevel.Verbose, Keywords = Keywords.Frames, Message = "Session {0} -> {1} {2} {3} B {4}")]
    public void FrameSent(long session, string type, long stream, int length, string details) =>
        WriteEvent(9, session, type, stream, length, details);

    [Event(10, Level = EventLevel.Verbose, Keywords = Keywords.Frames, Message = "Session {0} <- {1} {2} {3} B {4}")]
    public void FrameReceived(long session, string type, long stream, int length, string details) =>
        WriteEvent(10, session, type, stream, length, details);

    [Event(11, Level = EventLevel.Error, Keywords = Keywords.Sessions, Message = "Session {0}: its frame tap failed and is not called any more for that direction: {1}")]
    public void FrameTapFailed(long session, string exception)
    {
        if (IsEnabled(EventLevel.Error, Keywords.Sessions))
            WriteEvent(11, session, exception);
    }

    public static class Keywords
    {
        public const EventKeywords Sessions = (EventKeywords)1;
        public const EventKeywords Streams = (EventKeywords)2;
        public const EventKeywords Frames = (EventKeywords)4;
    }
}
