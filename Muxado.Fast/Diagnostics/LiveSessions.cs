namespace Muxado.Fast.Diagnostics;

/// <summary>The sessions of this process that have begun and not ended, for the meter to add up when somebody looks.</summary>
/// <remarks>
/// Owner: the process.
/// Threading: any thread; the lock is a leaf, taken when a session begins, when it ends, and when somebody looks.
/// Invariants: what an ended session had counted stays in the totals, so that they never shrink. What the transport takes after a session's
/// end, of a send that was under way when it was cut, is not counted.
/// </remarks>
internal static class LiveSessions
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<IObservedSession> Sessions = [];
    private static readonly SessionTotals EndedClients = new();
    private static readonly SessionTotals EndedServers = new();
    private static long s_lastNumber;

    /// <summary>A number for a session that is being created.</summary>
    public static long NextNumber() => Interlocked.Increment(ref s_lastNumber);

    public static void Add(IObservedSession session)
    {
        SessionMeter.Publish();
        lock (Gate)
            Sessions.Add(session);
    }

    public static void Remove(IObservedSession session)
    {
        lock (Gate)
        {
            if (Sessions.Remove(session))
                (session.IsClient ? EndedClients : EndedServers).AddCounted(session);
        }
    }

    /// <summary>All sessions there have been, on one side.</summary>
    public static SessionTotals Sum(bool clients)
    {
        var totals = new SessionTotals();
        lock (Gate)
        {
            totals.Add(clients ? EndedClients : EndedServers);
            foreach (IObservedSession session in Sessions)
            {
                if (session.IsClient == clients)
                    totals.AddLive(session);
            }
        }

        return totals;
    }
}
