using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>How one direction of a link ends before its time.</summary>
internal enum LinkFault
{
    None,

    /// <summary>The receiver sees the end of the bytes.</summary>
    End,

    /// <summary>The receiver's operation fails, and later the sender's.</summary>
    Error,

    /// <summary>The sender's operation fails, and the receiver gets what was sent before.</summary>
    SendError,

    /// <summary>Nothing arrives any more, and nobody is told.</summary>
    BlackHole,
}

/// <summary>How one direction of a link behaves.</summary>
internal sealed record LinkPlan
{
    /// <summary>How many bytes the link holds between sender and receiver.</summary>
    public int CapacityBytes { get; init; }

    public TimeSpan MaxLatency { get; init; }

    /// <summary>How much arrives in a second, or 0 for as much as was sent.</summary>
    public int BytesPerSecond { get; init; }

    /// <summary>Whether it may take longer over a frame than a session has patience for.</summary>
    public bool IsSluggish => MaxLatency > TimeSpan.FromMilliseconds(100);

    /// <summary>How often a chunk is only a byte or a few.</summary>
    public double TinyChunks { get; init; }

    public LinkFault Fault { get; init; }

    /// <summary>After so many bytes the fault shows.</summary>
    public long FaultAtByte { get; init; } = long.MaxValue;

    public static LinkPlan Draw(Dice dice, bool isFair)
    {
        LinkFault fault = isFair || dice.Chance(0.7) ? LinkFault.None : dice.Pick(LinkFault.End, LinkFault.Error, LinkFault.SendError, LinkFault.BlackHole);
        return new LinkPlan
        {
            CapacityBytes = dice.Pick(64, 1000, 4096, 20_000, 65_536, 200_000),
            MaxLatency = !isFair && dice.Chance(0.1)
                ? TimeSpan.FromMilliseconds(500)
                : dice.Pick(TimeSpan.FromMicroseconds(10), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(50)),
            BytesPerSecond = dice.Chance(0.05) ? 8192 : 0,
            TinyChunks = dice.Pick(0, 0.02, 0.3),
            Fault = fault,
            FaultAtByte = fault == LinkFault.None ? long.MaxValue : dice.Size(100_000) - 1,
        };
    }
}
