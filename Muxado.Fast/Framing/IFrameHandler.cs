namespace Muxado.Fast.Framing;

/// <summary>
/// What a decoder tells about the frames it sees, in wire order. Each bool: false stops the decoding, until the next call while
/// <see cref="IsPausing"/>, and for good otherwise.
/// </summary>
/// <remarks>
/// Threading: called on the thread that calls <see cref="FrameDecoder.Decode"/>.
/// Invariants: spans are the decoder's input and die with the call. Numbers have had their reserved bits removed, ids of
/// all but GOAWAY are non-zero, and lengths fit the type; nothing else has been checked.
/// </remarks>
internal interface IFrameHandler
{
    /// <summary>Asked after a false only: whether the rest is merely to come later.</summary>
    bool IsPausing => false;

    /// <summary>
    /// Priority and type are 0 when the frame carries none. FIN comes only from Go, and then means that the acceptor may read
    /// and not write.
    /// </summary>
    bool OnSyn(uint id, uint priority, uint streamType, bool fin);

    /// <summary>The code is any number, also one above <see cref="Wire.MaxErrorCode"/>.</summary>
    bool OnRst(uint id, uint errorCode);

    /// <summary>
    /// A piece of a DATA frame, which starts at <paramref name="offset"/> of a payload of <paramref name="payloadBytes"/>.
    /// An empty frame is told once, with an empty chunk; any other in one or more chunks that are not empty, the last of which
    /// ends where the payload does. <paramref name="fin"/> is the frame's, the same for each of its chunks.
    /// </summary>
    bool OnData(uint id, ReadOnlySpan<byte> chunk, int payloadBytes, int offset, bool fin);

    /// <summary>The credit has 31 bits and may be 0.</summary>
    bool OnWindowIncrement(uint id, uint credit);

    /// <summary>Told as soon as the two numbers are there, before any debug bytes.</summary>
    bool OnGoAway(uint lastId, uint errorCode);

    /// <summary>Some of the debug bytes of the GOAWAY told last. Never empty.</summary>
    bool OnGoAwayDebug(ReadOnlySpan<byte> chunk);

    /// <summary>The peer broke the rules of framing. Nothing is decoded after it.</summary>
    void OnViolation(MuxadoErrorCode code, string message);
}
