namespace Muxado.Fast;

/// <summary>How a stream is opened. The default opens a plain stream: priority 0, type 0, both directions open.</summary>
public readonly record struct MuxadoStreamOptions
{
    /// <summary>
    /// The stream's share of a contended connection: higher goes first, equal priorities share equally, and the lowest never
    /// starves. It governs what this side sends, and it is told to the peer, whose choice it is to use it. Default 0.
    /// </summary>
    public uint Priority { get; init; }

    /// <summary>
    /// A number that tells the accepting application what the stream is for. 0xFFFFFEFF and above are reserved for extensions.
    /// Default 0.
    /// </summary>
    public uint StreamType { get; init; }

    /// <summary>Whether this side has nothing to write: the stream is half-closed as it opens. Default false.</summary>
    public bool CompleteWrites { get; init; }
}
