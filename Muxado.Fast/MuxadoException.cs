namespace Muxado.Fast;

/// <summary>
/// The failure of a session or stream operation. It is an <see cref="IOException"/>, so code written against
/// <see cref="Stream"/> handles it without knowing about multiplexing.
/// </summary>
/// <remarks>
/// Cancellation is reported as <see cref="OperationCanceledException"/> and use after disposal as
/// <see cref="ObjectDisposedException"/>; everything else that can go wrong on the wire is one of these.
/// </remarks>
public sealed class MuxadoException : IOException
{
    /// <summary>Creates an exception with what failed, a sentence about it, and the facts the caller can act on.</summary>
    /// <param name="error">What failed.</param>
    /// <param name="message">What happened, where, and what to do.</param>
    /// <param name="errorCode">The code on the wire, if there was one.</param>
    /// <param name="isRetrySafe">Whether the peer's application certainly never saw the stream.</param>
    /// <param name="innerException">The cause, if it was an exception.</param>
    public MuxadoException(
        MuxadoError error,
        string message,
        MuxadoErrorCode? errorCode = null,
        bool isRetrySafe = false,
        Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        ErrorCode = errorCode;
        IsRetrySafe = isRetrySafe;
    }

    /// <summary>What failed.</summary>
    public MuxadoError Error { get; }

    /// <summary>The error code that was sent or received, or null when no frame carried one.</summary>
    public MuxadoErrorCode? ErrorCode { get; }

    /// <summary>
    /// Whether the peer's application certainly never saw the stream, so that repeating the operation on another stream or
    /// session cannot make it happen twice: the stream was refused, its id is above the peer's GOAWAY, or it never left.
    /// </summary>
    public bool IsRetrySafe { get; }
}
