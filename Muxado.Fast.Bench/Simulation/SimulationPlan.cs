using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>What kind of run a seed makes: how the link behaves and what the applications are like.</summary>
internal sealed record SimulationPlan
{
    /// <summary>A fair run has a whole link and well-behaved applications, so everything has to arrive and both sessions to end in order.</summary>
    public bool IsFair { get; init; }

    public required LinkPlan ClientToServer { get; init; }

    public required LinkPlan ServerToClient { get; init; }

    public int StreamsPerSide { get; init; }

    public int MaxWrites { get; init; }

    /// <summary>How many bytes the applications write together, about.</summary>
    public int VolumeBytes { get; init; }

    /// <summary>How often an application pauses.</summary>
    public double Laziness { get; init; }

    public double CancelChance { get; init; }

    public double DeadlineChance { get; init; }

    /// <summary>How often a stream is used as a pipe.</summary>
    public double PipeChance { get; init; }

    /// <summary>Whose application takes no stream, if there is one like that.</summary>
    public Side? NeverAccepts { get; init; }

    /// <summary>Whether the thread pool has a single worker, so that work runs in order, and each waits for the one before.</summary>
    public bool HasOneWorker { get; init; }

    public MuxadoScheduling Scheduling { get; init; }

    public bool HasHeartbeats { get; init; }

    /// <summary>When an unfair run is ended, if it has not ended by itself.</summary>
    public TimeSpan Patience { get; init; }

    public bool IsSluggish => ClientToServer.IsSluggish || ServerToClient.IsSluggish;

    public bool HasFault => ClientToServer.Fault != LinkFault.None || ServerToClient.Fault != LinkFault.None;

    public bool HasBlackHole => ClientToServer.Fault == LinkFault.BlackHole || ServerToClient.Fault == LinkFault.BlackHole;

    public static SimulationPlan Draw(Dice dice)
    {
        bool isFair = dice.Chance(0.4);
        bool isHasty = dice.Chance(0.5);
        return new SimulationPlan
        {
            IsFair = isFair,
            ClientToServer = LinkPlan.Draw(dice, isFair),
            ServerToClient = LinkPlan.Draw(dice, isFair),
            StreamsPerSide = dice.Pick(1, 2, 4, 10),
            MaxWrites = dice.Pick(2, 5, 20),
            VolumeBytes = dice.Pick(5_000, 50_000, 400_000),
            Laziness = dice.Pick(0, 0.1, 0.5),
            CancelChance = isHasty ? 0 : 0.2,
            DeadlineChance = isHasty ? 0 : 0.1,
            PipeChance = dice.Pick(0, 0.2, 0.8),
            NeverAccepts = isFair || dice.Chance(0.95) ? null : dice.Pick(Side.Client, Side.Server),
            HasOneWorker = dice.Chance(0.2),
            Scheduling = dice.Pick(MuxadoScheduling.Default, MuxadoScheduling.Default, MuxadoScheduling.ThreadPool, MuxadoScheduling.TrustedInline),
            HasHeartbeats = dice.Chance(0.5),
            Patience = dice.Time(TimeSpan.FromSeconds(100)) + TimeSpan.FromMilliseconds(1),
        };
    }
}
