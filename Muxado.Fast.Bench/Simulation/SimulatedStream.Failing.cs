namespace Muxado.Fast.Bench.Simulation;

/// <content>Whether an operation had a right to fail as it did.</content>
internal sealed partial class SimulatedStream
{
    /// <summary>Checks the failure; returns whether the stream is still usable after it.</summary>
    private bool CheckFailure(Exception failure, SimulatedDeadline deadline, CancellationToken token)
    {
        string? wrong = failure switch
        {
            OperationCanceledException => token.IsCancellationRequested ? null : "cancelled, and nobody asked for it",
            ObjectDisposedException => _isDisposed ? null : "failed as disposed, and nobody has disposed the stream",
            MuxadoException of => WhatIsWrong(of, deadline),
            _ => $"threw {failure}",
        };
        _simulation.Require(wrong is null, _side, $"an operation was {wrong}", _conversation.Id);
        return failure is OperationCanceledException or MuxadoException { Error: MuxadoError.DeadlineExceeded };
    }

    private string? WhatIsWrong(MuxadoException failure, SimulatedDeadline deadline)
    {
        if (failure.IsRetrySafe)
        {
            if (_conversation.Opener != _side || _conversation.WasAccepted)
                return $"called safe to retry, but the peer's application has seen the stream: {failure.Message}";
            _conversation.IsPromisedUnseen = true;
        }

        bool isAllowed = failure.Error switch
        {
            MuxadoError.DeadlineExceeded => deadline.HasPassed(Clock.GetTimestamp()),
            MuxadoError.StreamAborted => _conversation.IsTorn,
            MuxadoError.StreamRefused => _conversation.Opener == _side && !Plan.IsFair,
            MuxadoError.GoingAway => _conversation.Opener == _side && !Plan.IsFair && failure.IsRetrySafe,
            _ => _simulation.MaySessionEndWith(failure.Error),
        };
        return isAllowed ? null : $"failed for no reason: {failure.Error}: {failure.Message}";
    }
}
