using Muxado.Fast.Diagnostics;

namespace Muxado.Fast.Sessions;

/// <content>What is counted and told of the output.</content>
internal sealed partial class SessionOutput
{
    // Resets of which the event source is to be told once W is left: by the token's holder, before it sends them.
    private List<(uint Id, MuxadoErrorCode Code)>? _resetEvents;
    private List<(uint Id, MuxadoErrorCode Code)>? _loadedResetEvents;
    private long _bytesSent;

    /// <summary>Bytes that the transport has taken.</summary>
    public long BytesSent => Volatile.Read(ref _bytesSent);

    /// <summary>Bytes in frames that the transport has not taken. A glance without the lock.</summary>
    public int UnsentFrameBytes => _filling.TotalBytes + _sending.TotalBytes;

    private void CountSent(int bytes) => Volatile.Write(ref _bytesSent, _bytesSent + bytes); // The token holder's alone.

    private void NoteResetLocked(uint id, MuxadoErrorCode code)
    {
        _session.Counters.AddResetSent((uint)code);
        if (MuxadoEventSource.Log.AreStreamsEnabled)
            (_resetEvents ??= []).Add((id, code));
    }

    private void LoadResetEventsLocked() => (_loadedResetEvents, _resetEvents) = (_resetEvents, _loadedResetEvents);

    private void RaiseResetEvents()
    {
        if (_loadedResetEvents is not { Count: > 0 } resets)
            return;
        foreach ((uint id, MuxadoErrorCode code) in resets)
            MuxadoEventSource.Log.StreamReset(_session.Number, id, "sent", (uint)code);
        resets.Clear();
    }
}
