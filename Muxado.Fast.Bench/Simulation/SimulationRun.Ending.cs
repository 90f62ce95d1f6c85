using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Simulation;

/// <content>How a run may end, and what must be true then.</content>
internal sealed partial class SimulationRun
{
    private static readonly TimeSpan s_tailLimit = TimeSpan.FromSeconds(10);

    /// <summary>What must have ended when both sessions have, and nothing else is left to happen.</summary>
    private readonly List<(Task Task, string What)> _mustEnd = [];

    /// <summary>Whether anything has happened by which a session may end at all.</summary>
    public bool MaySessionEnd => Plan.HasFault || Plan.IsSluggish || _applications.Any(application => application.IsEnding || application.Session.Completion.IsCompleted);

    public void MustEnd(Task task, string what) => _mustEnd.Add((task, what));

    /// <summary>Whether anything has happened by which a session may end like this.</summary>
    public bool MaySessionEndWith(MuxadoError error)
    {
        bool isEnding = _applications.Any(application => application.IsEnding);
        return error switch
        {
            MuxadoError.SessionClosed => isEnding || Plan.HasBlackHole || Plan.IsSluggish || (Plan.HasFault && _applications.Any(application => application.IsGoingAway)),
            MuxadoError.SessionAborted => isEnding,
            MuxadoError.TransportFailed => isEnding || Plan.HasFault || Plan.IsSluggish,
            MuxadoError.HeartbeatTimeout => Plan.HasBlackHole || Plan.IsSluggish,
            MuxadoError.ProtocolViolation => Plan.HasBlackHole || Plan.IsSluggish, // The rest of a frame does not come in time.
            _ => false,
        };
    }

    private void ArrangeEnd()
    {
        foreach (SimulatedApplication application in _applications)
            Clock.After(Dice.Time(TimeSpan.FromSeconds(10)), application.EndAnyhow);
    }

    private void CheckEnd()
    {
        foreach (SimulatedApplication application in _applications)
        {
            Side side = application.Session.IsClient ? Side.Client : Side.Server;
            if (!application.Session.Completion.IsCompleted)
            {
                Fail($"the {side}'s session has not ended; pending: {DescribePending()}");
                return;
            }

            MuxadoSessionCloseInfo info = application.Session.Completion.Result;
            Require(!Plan.IsFair || info.Error == MuxadoError.None, side, $"the session ended with {info.Error}: {info.Exception?.Message}", 0);
            Require(info.Error == MuxadoError.None || MaySessionEndWith(info.Error), side, $"the session ended with {info.Error}: {info.Exception?.Message}", 0);
            Require(!Plan.IsFair || application.Session.ActiveStreams == 0, side, $"{application.Session.ActiveStreams} streams are still active", 0);
            foreach (Task ending in application.Endings)
                Require(HasEnded(ending), side, "closing has not returned, or failed", 0);
        }

        foreach ((Task task, string what) in _mustEnd)
        {
            if (!task.IsCompleted)
                Fail($"{what} has not ended, though the session has");
        }

        if (_pending.Count > 0)
            Fail($"operations have not ended: {DescribePending()}");
        if (_blocks.Outstanding != 0)
            Fail($"{_blocks.Outstanding} buffers were not given back");
        if (Clock.WasUsedByAnotherThread)
            Fail("another thread took part: the run is not the seed's alone");
        if (Plan.IsFair)
            CheckEverythingArrived();
    }

    private void CheckEverythingArrived()
    {
        foreach (Conversation conversation in _conversations.Values)
        {
            foreach (Side writer in (Side[])[Side.Client, Side.Server])
            {
                Flow flow = conversation.FlowFrom(writer);
                Require(flow.IsReadToEnd, writer.Other(), "did not read to the end", conversation.Id);
                Require(flow.Missing() is null, writer.Other(), flow.Missing(), conversation.Id);
            }
        }
    }

    private static bool HasEnded(Task ending)
    {
        // Its continuation is the thread pool's, whose time is the real one.
        if (!ending.IsCompleted)
            ((IAsyncResult)ending).AsyncWaitHandle.WaitOne(s_tailLimit);
        return ending.IsCompletedSuccessfully || ending.IsCanceled;
    }
}
