namespace Muxado.Fast.Tests.Races;

/// <summary>What the result of an operation may be, given what has happened beside it.</summary>
internal static class Verdict
{
    /// <summary>What can end an operation, one way or the other. All else must leave it alone.</summary>
    public static Cause Enders(OperationKind kind) => kind switch
    {
        OperationKind.Read => Cause.Data | Cause.PeerFin | Cause.Reset | Cause.Disposed | Cause.PeerGoneAway | Cause.SessionEnds | Cause.Busy,
        OperationKind.Write => Cause.Credit | Cause.Reset | Cause.Disposed | Cause.Completed | Cause.PeerGoneAway | Cause.SessionEnds | Cause.Busy,
        OperationKind.Accept => Cause.PeerSyn | Cause.SessionEnds,
        OperationKind.Open => Cause.PeerGoneAway | Cause.SessionEnds,
        OperationKind.StreamCommand => Cause.Disposed,
        _ => Cause.None,
    };

    /// <summary>Those of them that end it for certain, even if they come first: a second operation of a kind, or one that is called too late, is turned away instead.</summary>
    public static Cause CertainEnders(OperationKind kind) => Enders(kind) & ~(Cause.Busy | Cause.Completed | Cause.PeerSyn);

    /// <summary>The cause that an operation gives for its failure; none for a failure that it must not have.</summary>
    public static Cause Of(Exception failure) => failure switch
    {
        ObjectDisposedException => Cause.Disposed,
        InvalidOperationException => Cause.Busy | Cause.Completed,
        MuxadoException { Error: MuxadoError.StreamAborted, ErrorCode: MuxadoErrorCode.Cancel } => Cause.Reset,
        MuxadoException { Error: MuxadoError.GoingAway, IsRetrySafe: true } => Cause.PeerGoneAway,
        MuxadoException { Error: MuxadoError.SessionClosed } => Cause.Closed,
        MuxadoException { Error: MuxadoError.SessionAborted } => Cause.Aborted,
        MuxadoException { Error: MuxadoError.TransportFailed } => Cause.Lost,
        _ => Cause.None,
    };

    /// <summary>The cause that a session gives for its end.</summary>
    public static Cause Of(MuxadoSessionCloseInfo end) => end.Error switch
    {
        MuxadoError.None => Cause.Closed,
        MuxadoError.SessionAborted => Cause.Aborted,
        MuxadoError.TransportFailed => Cause.Lost,
        _ => Cause.None,
    };

    /// <summary>Whoever goes away and then ends its bytes has closed the session in order.</summary>
    public static Cause WithConsequences(Cause causes) =>
        (causes & Cause.PeerGoneAway) != 0 && (causes & Cause.Lost) != 0 ? causes | Cause.Closed : causes;
}
