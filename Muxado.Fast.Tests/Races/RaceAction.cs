using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Races;

/// <summary>Something that an application or its peer does at any moment.</summary>
/// <param name="Name">For the test's name.</param>
/// <param name="Kind">What its own result is.</param>
/// <param name="Brings">What it means for others.</param>
/// <param name="Start">Does it in a race, as the racer of this number. The task ends with the operation.</param>
internal sealed record RaceAction(string Name, OperationKind Kind, Cause Brings, Func<Race, int, Task> Start)
{
    /// <summary>The code of every reset.</summary>
    public const uint Cancel = (uint)MuxadoErrorCode.Cancel;

    public const uint Credit = 1_000_000;

    /// <summary>What this side does to its stream.</summary>
    public static IReadOnlyList<RaceAction> OfStream { get; } =
    [
        new("read", OperationKind.Read, Cause.None, (race, racer) => race.ReadAsync(racer)),
        new("write", OperationKind.Write, Cause.None, (race, racer) => race.WriteAsync(racer, completeWrites: false)),
        new("last write", OperationKind.Write, Cause.Completed, (race, racer) => race.WriteAsync(racer, completeWrites: true)),
        new("complete", OperationKind.StreamCommand, Cause.Completed, (race, _) => Now(race.Stream.CompleteWrites)),
        new("abort", OperationKind.StreamCommand, Cause.Reset, (race, _) => Now(() => race.Stream.Abort())),
        new("stream dispose", OperationKind.Command, Cause.Disposed, (race, _) => race.Stream.DisposeAsync().AsTask()),
    ];

    /// <summary>Says nothing to the peer, and so is no more than one of a few.</summary>
    public static RaceAction Flush { get; } = new("flush", OperationKind.Command, Cause.None, (race, _) => race.Stream.FlushAsync());

    /// <summary>What this side does to its session.</summary>
    public static IReadOnlyList<RaceAction> OfSession { get; } =
    [
        new("open", OperationKind.Open, Cause.None, (race, _) => Now(race.Open)),
        new("accept", OperationKind.Accept, Cause.None, (race, _) => race.AcceptAsync()),
        new("goaway", OperationKind.Command, Cause.GoneAway, (race, _) => race.Session.GoAwayAsync().AsTask()),
        new("session dispose", OperationKind.Command, Cause.Closed, (race, _) => race.Session.DisposeAsync().AsTask()),
        new("session abort", OperationKind.Command, Cause.Aborted, (race, _) => Now(race.Session.Abort)),
    ];

    /// <summary>What the peer does, or becomes of it.</summary>
    public static IReadOnlyList<RaceAction> OfPeer { get; } =
    [
        new("peer data", OperationKind.Command, Cause.Data, (race, _) => Now(() => race.Peer.Send(Frames.Data(race.Id, "x")))),
        new("peer credit", OperationKind.Command, Cause.Credit, (race, _) => Now(() => race.Peer.Send(Frames.WndInc(race.Id, Credit)))),
        new("peer end of stream", OperationKind.Command, Cause.PeerFin, (race, _) => Now(() => race.Peer.Send(Frames.Fin(race.Id)))),
        new("peer reset", OperationKind.Command, Cause.Reset, (race, _) => Now(() => race.Peer.Send(Frames.Rst(race.Id, Cancel)))),
        new("peer open", OperationKind.Command, Cause.PeerSyn, (race, _) => Now(race.LetPeerOpen)),
        new("peer goaway", OperationKind.Command, Cause.PeerGoneAway, (race, _) => Now(() => race.Peer.Send(Frames.GoAway(0, 0)))),
        new("end of input", OperationKind.Command, Cause.Lost, (race, _) => Now(race.Peer.End)),
        new("cut", OperationKind.Command, Cause.Lost, (race, _) => Now(race.Peer.Cut)),
    ];

    public static IReadOnlyList<RaceAction> All { get; } = [.. OfStream, .. OfSession, .. OfPeer];

    public static RaceAction Named(string name) => All.Append(Flush).Single(action => action.Name == name);

    private static Task Now(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
