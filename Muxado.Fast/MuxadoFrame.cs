using System.Buffers.Binary;

namespace Muxado.Fast;

/// <summary>One frame on a session's wire, as a <see cref="MuxadoFrameTap"/> sees it. Its spans live only as long as the call that brings it.</summary>
public readonly ref struct MuxadoFrame
{
    private const int HeaderBytes = 8;
    private const byte FinFlag = 1;
    private const byte PriorityFlag = 2;
    private const byte StreamTypeFlag = 4;

    /// <summary>Which session it is: sessions are numbered in a process as they are created, from 1. See <see cref="MuxadoSessionSnapshot.SessionNumber"/>.</summary>
    public long SessionNumber { get; init; }

    /// <summary>Whether this side of the session is the one that dialled.</summary>
    public bool IsClient { get; init; }

    /// <summary>Sent by this side, or received from the peer.</summary>
    public MuxadoFrameDirection Direction { get; init; }

    /// <summary>When it was handed to the transport, or its last byte came from there. Wall-clock time of the session's <see cref="MuxadoSessionOptions.TimeProvider"/>.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>The type in the header, maybe one without a name.</summary>
    public MuxadoFrameType Type { get; init; }

    /// <summary>The flags in the header: 1 FIN; in a SYN 2 priority, 4 stream type.</summary>
    public byte Flags { get; init; }

    /// <summary>The stream that it is about; 0 for the session.</summary>
    public uint StreamId { get; init; }

    /// <summary>The length in the header, in bytes, without the header. Go's GOAWAY announces more than it has.</summary>
    public int Length { get; init; }

    /// <summary>The whole frame as it is on the wire, its header first. Only the header of a frame that breaks the rules of framing.</summary>
    public ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>What is wrong with the frame by the rules of framing, or null. Nothing after it is a frame, so no more are told of this direction.</summary>
    public string? Violation { get; init; }

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Payload => Bytes.Length > HeaderBytes ? Bytes[HeaderBytes..] : default;

    /// <summary>Whether the sender writes no more on this stream. Only DATA carries it, and SYN from Go.</summary>
    public bool IsFin => (Flags & FinFlag) != 0 && (Type is MuxadoFrameType.Data or MuxadoFrameType.Syn);

    /// <summary>The priority in a SYN, or null if it carries none.</summary>
    public uint? Priority => HasFlag(PriorityFlag) ? Word(0) : null;

    /// <summary>The stream type in a SYN, or null if it carries none.</summary>
    public uint? StreamType => HasFlag(StreamTypeFlag) ? Word(HasFlag(PriorityFlag) ? 1 : 0) : null;

    /// <summary>The code in an RST or GOAWAY, else null.</summary>
    public MuxadoErrorCode? ErrorCode => Type switch
    {
        MuxadoFrameType.Rst => (MuxadoErrorCode?)Word(0),
        MuxadoFrameType.GoAway => (MuxadoErrorCode?)Word(1),
        _ => null,
    };

    /// <summary>How many bytes more a WND_INC allows, else null.</summary>
    public uint? CreditBytes => Type == MuxadoFrameType.WindowIncrement ? Word(0) & int.MaxValue : null;

    /// <summary>The last stream that a GOAWAY's sender has taken, else null.</summary>
    public uint? LastStreamId => Type == MuxadoFrameType.GoAway ? Word(0) & int.MaxValue : null;

    private bool HasFlag(byte flag) => Type == MuxadoFrameType.Syn && (Flags & flag) != 0;

    private uint? Word(int index) =>
        Payload.Length >= (index + 1) * sizeof(uint) ? BinaryPrimitives.ReadUInt32BigEndian(Payload[(index * sizeof(uint))..]) : null;
}
