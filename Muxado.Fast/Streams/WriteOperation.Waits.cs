namespace Muxado.Fast.Streams;

/// <content>
/// How long it has waited, and for what, when somebody measures that: for the window while all that is granted is cut into frames and more
/// is to come, and for the transport otherwise.
/// </content>
internal sealed partial class WriteOperation
{
    // Of the session's clock, and one more: 0 when nobody measures, or the wait is over. Guarded by the write lock.
    private long _waitSince;
    private long _windowTicks;
    private long _transportTicks;

    /// <summary>Whether its waits are measured. Whatever changes <see cref="GrantedBytes"/> between some and none then has to look at the clock.</summary>
    public bool IsMeasured => _waitSince != 0;

    private StreamWait WaitsFor => GrantedBytes == 0 && !IsCut ? StreamWait.Window : StreamWait.Transport;

    /// <summary>Called before anybody else knows of it.</summary>
    public void BeginWait(long now) => _waitSince = now + 1;

    /// <summary>What it waits for is about to change.</summary>
    public void TurnWait(StreamWait waited, long now)
    {
        if (waited == StreamWait.Window)
            _windowTicks += now + 1 - _waitSince;
        else
            _transportTicks += now + 1 - _waitSince;
        _waitSince = now + 1;
    }

    /// <summary>It waits no longer, for it has ended.</summary>
    public void EndWait(long now)
    {
        TurnWait(WaitsFor, now);
        _waitSince = 0;
    }

    public void ReportWaits(StreamHost host)
    {
        if (_windowTicks != 0)
            host.AddWait(StreamWait.Window, _windowTicks);
        if (_transportTicks != 0)
            host.AddWait(StreamWait.Transport, _transportTicks);
    }

    private void ForgetWaits() => _waitSince = _windowTicks = _transportTicks = 0;
}
