namespace Muxado.Fast.Sessions;

/// <summary>Whoever places streams on several sessions, and wants to know when one of them has room again.</summary>
internal interface ISessionWatcher
{
    /// <summary>A stream that this side opened is closed on the wire. Called with no lock held, often in the receive drain: it must not run user code.</summary>
    void OnOutboundClosed();
}
