namespace Muxado.Fast;

/// <summary>
/// A protocol extension: a reserved stream type, and what to do with its streams. The heartbeat is one. Streams of an extension
/// are neither accepted by the application nor counted among its streams.
/// </summary>
/// <remarks>
/// One extension object may serve many sessions at once, so what belongs to a session is kept in the locals of
/// <see cref="RunAsync"/>. Exceptions thrown by an extension end its stream, never the session.
/// </remarks>
public abstract class MuxadoExtension
{
    /// <summary>The lowest reserved stream type: the heartbeat's own, 0xFFFFFEFF.</summary>
    public const uint FirstReservedStreamType = 0xFFFFFEFF;

    /// <summary>Registers a reserved stream type.</summary>
    /// <param name="streamType">
    /// 0xFFFFFF00 to 0xFFFFFFFF. 0xFFFFFEFF is the heartbeat's: it is taken here, but no session is created with another extension of that type.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="streamType"/> is below 0xFFFFFEFF.</exception>
    protected MuxadoExtension(uint streamType)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(streamType, FirstReservedStreamType);
        StreamType = streamType;
    }

    /// <summary>The reserved type of this extension's streams.</summary>
    public uint StreamType { get; }

    /// <summary>Runs once for each session, as it starts. The default does nothing.</summary>
    /// <param name="session">The session, seen by this extension.</param>
    /// <param name="sessionEnded">Cancelled when the session has ended. Callbacks run on the thread that ended it, one after the other: they must not block.</param>
    protected internal virtual Task RunAsync(MuxadoExtensionContext session, CancellationToken sessionEnded) => Task.CompletedTask;

    /// <summary>Handles one stream of this extension's type that the peer opened. The stream is disposed when the task ends.</summary>
    /// <param name="session">The session, seen by this extension.</param>
    /// <param name="stream">The peer's stream.</param>
    /// <param name="sessionEnded">Cancelled when the session has ended. Callbacks run on the thread that ended it, one after the other: they must not block.</param>
    protected internal abstract Task OnStreamAsync(MuxadoExtensionContext session, MuxadoStream stream, CancellationToken sessionEnded);
}
