namespace Muxado.Fast;

/// <summary>Where the code after an awaited operation of a session runs.</summary>
public enum MuxadoScheduling
{
    /// <summary>
    /// On the thread that received the bytes, without a hop, as a rule after the next receive was posted. Code that blocks there holds up
    /// what waits behind it for about 2 ms, or 10 ms while the session polls (<see cref="MuxadoSessionOptions.BusyPoll"/>); then another thread takes
    /// over. Right for nearly everything.
    /// </summary>
    Default,

    /// <summary>
    /// Each on a pool thread of its own: no code waits for another's, which suits long computations between operations. A hop
    /// for each operation, and smaller batches, make short exchanges slower.
    /// </summary>
    ThreadPool,

    /// <summary>
    /// As <see cref="Default"/>, without the timer that rescues what waits behind code that blocks. For code that is trusted never
    /// to block, neither on a lock for long nor on a task: such code could stop its whole session.
    /// </summary>
    TrustedInline,
}
