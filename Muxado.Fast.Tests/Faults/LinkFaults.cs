namespace Muxado.Fast.Tests.Faults;

/// <summary>How one direction of a link treats its bytes. The settings combine; without any it is a good link.</summary>
internal sealed record LinkFaults
{
    /// <summary>How many bytes the link holds between sender and receiver.</summary>
    public int CapacityBytes { get; init; } = 64 * 1024;

    /// <summary>The most that is taken of a send at a time; how much it is, chance decides each time.</summary>
    public int MaxTakenBytes { get; init; } = int.MaxValue;

    /// <summary>Whether a send can be tried: a socket's can, a stream's cannot.</summary>
    public bool CanTrySend { get; init; } = true;

    /// <summary>The most that one receive brings.</summary>
    public int MaxReceivedBytes { get; init; } = int.MaxValue;

    /// <summary>What was sent at a time arrives up to this much later, as chance has it, and never before what was sent earlier.</summary>
    public TimeSpan MaxDelay { get; init; }

    /// <summary>How fast the link is; 0 for no limit.</summary>
    public int BytesPerSecond { get; init; }

    /// <summary>What happens behind the first <see cref="CutAfter"/> bytes.</summary>
    public LinkCut Cut { get; init; }

    public int CutAfter { get; init; } = int.MaxValue;
}

/// <summary>What a direction of a link comes to.</summary>
internal enum LinkCut
{
    None,

    /// <summary>The receiver is told that this is the end; the sender is not told at all.</summary>
    End,

    /// <summary>The receiver's next operation fails; the sender is not told at all.</summary>
    ReceiveError,

    /// <summary>The sender's next operation fails; the receiver is not told at all.</summary>
    SendError,

    /// <summary>Bytes are taken and arrive nowhere; nobody is told.</summary>
    BlackHole,
}
