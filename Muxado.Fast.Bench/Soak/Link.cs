using System.Net.Sockets;

namespace Muxado.Fast.Bench.Soak;

/// <summary>A session from both sides, and what the soak has done to it: the reason for whatever fails on it.</summary>
/// <remarks>
/// Owner: a lane. Its streams are in Link.Traffic.cs, its ends in Link.Ending.cs.
/// Threading: any thread. An act is noted before it is done.
/// Invariants: both sides complete, each for a reason that <see cref="ExplainEnd"/> finds in the acts.
/// </remarks>
internal sealed partial class Link(
    SoakContext context, LinkKind kind, uint number, MuxadoSession client, MuxadoSession server, Socket? clientSocket)
    : Watchdog.IStateful
{
    private int _clientActs;
    private int _serverActs;

    [Flags]
    private enum Acts
    {
        None = 0,
        GoAway = 1,
        Shutdown = 2,
        Close = 4,
        Abort = 8,
    }

    public MuxadoSession Client => client;

    public MuxadoSession Server => server;

    public bool IsTight => kind == LinkKind.TightTcp;

    public bool IsDisturbed => (_clientActs | _serverActs) != 0;

    public bool IsOver => client.Completion.IsCompleted || server.Completion.IsCompleted;

    /// <summary>Whoever owns a session shuts it down or closes it at a moment of its own choice, as a pool does.</summary>
    public void NoteClientMayShutDown() => Note(onClient: true, Acts.Shutdown);

    public void NoteClientMayClose() => Note(onClient: true, Acts.Close);

    /// <summary>Null if the acts explain that an operation of one side fails like this; else what is wrong with it.</summary>
    public string? Explain(MuxadoException failure, bool onClient, bool isStream)
    {
        var own = ActsOf(onClient);
        var peer = ActsOf(!onClient);
        var mayFail = failure.Error switch
        {
            MuxadoError.GoingAway => failure.IsRetrySafe && ((peer & (Acts.GoAway | Acts.Shutdown | Acts.Close)) | (own & Acts.Shutdown)) != 0,
            MuxadoError.StreamRefused => failure.IsRetrySafe && (IsTight || peer != Acts.None), // Whatever ends it first refuses what still comes.
            MuxadoError.SessionClosed => MayClose(own, peer) || (!isStream && ((own | peer) & Acts.Shutdown) != 0),
            MuxadoError.SessionAborted => (own & Acts.Abort) != 0,
            MuxadoError.TransportFailed => (peer & Acts.Abort) != 0,
            _ => false,
        };
        return mayFail ? null : $"{failure.Error} without a reason (own acts: {own}; the peer's: {peer}): {failure}";
    }

    public override string ToString() =>
        $"{kind} session {number} (client's acts: {(Acts)_clientActs}; server's: {(Acts)_serverActs})";

    public string DescribeState() => $"{this}: {DescribeState(client)}; {DescribeState(server)}";

    private static string DescribeState(MuxadoSession session)
    {
        var state = session.GetSnapshot();
        return $"{SideName(session.IsClient)} {state.State}, {state.ActiveStreams} active, {state.UnsentBytes} B unsent, "
            + string.Join(", ", state.Streams.Where(stream => !stream.IsExtension).Select(stream => $"type {stream.StreamType}: {stream}"));
    }

    /// <summary>The same for the end of one side.</summary>
    private string? ExplainEnd(MuxadoSessionCloseInfo end, bool onClient)
    {
        var own = ActsOf(onClient);
        var peer = ActsOf(!onClient);
        var mayEnd = end.Error switch
        {
            MuxadoError.None => MayClose(own, peer) || ((own | peer) & Acts.Shutdown) != 0,
            MuxadoError.SessionClosed => MayClose(own, peer) || (((own | peer) & Acts.GoAway) != 0 && ((own | peer) & Acts.Shutdown) != 0), // A GOAWAY may tell of an error.
            MuxadoError.SessionAborted => (own & Acts.Abort) != 0,
            MuxadoError.TransportFailed => (peer & Acts.Abort) != 0,
            _ => false,
        };
        return mayEnd ? null : $"the {SideName(onClient)} ended with {end.Error} without a reason: {end.Exception}";
    }

    /// <summary>A peer that has said that it goes away and is cut off then has, by all that can be seen, closed.</summary>
    private static bool MayClose(Acts own, Acts peer) =>
        ((own | peer) & Acts.Close) != 0 || (peer.HasFlag(Acts.Abort) && (peer & (Acts.GoAway | Acts.Shutdown)) != 0);

    private static string SideName(bool isClient) => isClient ? "client" : "server";

    private Acts ActsOf(bool onClient) => (Acts)Volatile.Read(ref onClient ? ref _clientActs : ref _serverActs);

    private void Note(bool onClient, Acts act) => Interlocked.Or(ref onClient ? ref _clientActs : ref _serverActs, (int)act);
}
