namespace Muxado.Fast.Tests.Streams.Model;

/// <summary>One thing that happens to a stream.</summary>
internal sealed record StreamStep(StepKind Kind, int Bytes, int Other, bool Flag);

/// <summary>What kind of stream it is, and of what kind its session.</summary>
internal sealed record StreamKind(bool IsInbound, bool IsOneWay, bool IsBottleneck, long Budget);

internal enum StepKind
{
    Data,
    Read,
    TryRead,
    TakeBlocks,
    Write,
    TryWrite,
    Credit,
    CompleteWrites,
    Abort,
    Release,
    Reset,
    Refuse,
    EndSession,
    CancelRead,
    CancelWrite,
    ReturnOwed,
    Deadline,
    Time,

    /// <summary>A frame of the waiting write is with the system.</summary>
    Pin,
    Unpin,

    /// <summary>Nothing of a waiting write is sent, until this is taken back.</summary>
    Stall,
    FillBatch,
}
