namespace Muxado.Fast.Tests.Faults;

/// <summary>How reading, writing or accepting ended: in order (<see cref="MuxadoError.None"/>) or with a reason.</summary>
internal sealed record Ending(MuxadoError Error, MuxadoErrorCode? Code = null, bool IsRetrySafe = false)
{
    public static Ending InOrder { get; } = new(MuxadoError.None);

    public static Ending Of(MuxadoException failure) => new(failure.Error, failure.ErrorCode, failure.IsRetrySafe);
}
