namespace Muxado.Fast.Streams;

/// <summary>Why a stream's operations fail: data from which each failing operation gets an exception of its own, since one exception object thrown twice garbles its stack trace.</summary>
internal sealed record StreamFailure(
    MuxadoError Error,
    string Message,
    MuxadoErrorCode? Code = null,
    bool IsRetrySafe = false,
    Exception? Cause = null)
{
    public MuxadoException ToException() => new(Error, Message, Code, IsRetrySafe, Cause);
}
