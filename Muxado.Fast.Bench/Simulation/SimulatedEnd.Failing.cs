namespace Muxado.Fast.Bench.Simulation;

/// <content>Whether an operation had a right to fail as it did.</content>
internal abstract partial class SimulatedEnd
{
    private MuxadoErrorCode? _abortCode;

    protected bool IsAborted => _abortCode is not null;

    /// <summary>Resets the stream with some code, which the peer has to be told.</summary>
    protected void Abort()
    {
        MuxadoErrorCode code = Dice.Pick(MuxadoErrorCode.Cancel, MuxadoErrorCode.InternalError, MuxadoErrorCode.StreamClosed);
        Run.Trace.Add(Side, "abort", Conversation.Id, (long)code);
        NoteReset(code);
        Run.Ledger.MayReset(Side, Conversation.Id, code);
        Stream.Abort(code);
        EndNow("though the stream was aborted");
    }

    /// <summary>This side resets the stream, with this code if it is the first to.</summary>
    protected void NoteReset(MuxadoErrorCode code)
    {
        _abortCode ??= code;
        Conversation.Tear();
    }

    /// <summary>Checks the failure, and takes a deadline that has passed away; returns whether the stream is still usable after it.</summary>
    protected bool GoesOnAfter(Exception failure, bool isRead, CancellationToken token)
    {
        string? wrong = failure switch
        {
            OperationCanceledException => token.IsCancellationRequested ? null : "cancelled, and nobody asked for it",
            ObjectDisposedException => IsDisposed ? null : "failed as disposed, and nobody has disposed the stream",
            MuxadoException of => WhatIsWrong(of, isRead ? _readDeadline : _writeDeadline),
            _ => $"threw {failure}",
        };
        Run.Require(wrong is null, Side, $"an operation was {wrong}", Conversation.Id);
        if (failure is MuxadoException { Error: MuxadoError.DeadlineExceeded })
        {
            SetDeadline(isRead, fromNow: null);
            return true;
        }

        return failure is OperationCanceledException;
    }

    private string? WhatIsWrong(MuxadoException failure, SimulatedDeadline deadline)
    {
        if (failure.IsRetrySafe)
        {
            if (Conversation.Opener != Side || Conversation.WasAccepted)
                return $"called safe to retry, but the peer's application has seen the stream: {failure.Message}";
            Conversation.IsPromisedUnseen = true;
        }

        bool isAllowed = failure.Error switch
        {
            MuxadoError.DeadlineExceeded => deadline.HasPassed(Clock.GetTimestamp()),
            MuxadoError.StreamAborted => Conversation.IsTorn && IsCodeOfReset(failure.ErrorCode),
            MuxadoError.StreamRefused => Conversation.Opener == Side && !Plan.IsFair,
            MuxadoError.GoingAway => Conversation.Opener == Side && !Plan.IsFair && failure.IsRetrySafe,
            _ => Run.MaySessionEndWith(failure.Error),
        };
        return isAllowed ? null : $"failed for no reason: {failure.Error}, {failure.ErrorCode}: {failure.Message}";
    }

    /// <summary>
    /// Either side may have reset it first; a failure tells the code of one of the two. One without a code would be of a disposal on this side, which
    /// has an exception of its own.
    /// </summary>
    private bool IsCodeOfReset(MuxadoErrorCode? code) =>
        code is not null && (code == _abortCode || (uint)code == Run.Ledger.DeliveredReset(Side, Conversation.Id));
}
