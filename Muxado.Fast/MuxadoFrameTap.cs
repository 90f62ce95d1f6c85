namespace Muxado.Fast;

/// <summary>
/// Sees every frame of a session, in both directions: set <see cref="MuxadoSessionOptions.FrameTap"/>. For debugging:
/// <see cref="MuxadoFrameLog"/> prints one line a frame, <see cref="MuxadoPcapngWriter"/> records for Wireshark.
/// </summary>
/// <remarks>
/// Over TLS a tap sees what is inside. One tap may serve many sessions. A session without a tap pays nothing for there being such a thing.
/// </remarks>
public abstract class MuxadoFrameTap
{
    /// <summary>
    /// Called for each frame in the order of its direction: for one that is sent, before the transport has it, so that it is told before
    /// its answer; for one that is received, before the session has it. When the session breaks, the last frames told as sent may not have left.
    /// </summary>
    /// <remarks>
    /// On the session's own threads, the two directions at the same time, with no lock held; the session waits for the call. A tap that throws is
    /// not called again for that session and direction; the session goes on.
    /// </remarks>
    /// <param name="frame">The frame. Copy what is to outlive the call.</param>
    public abstract void OnFrame(in MuxadoFrame frame);
}
