using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Faults;

/// <summary>What the bytes of one direction say about each stream, as far as they go; written from the wire's description alone.</summary>
internal sealed class WireText
{
    private static readonly WireStream s_nothing = new();

    private readonly Dictionary<uint, WireStream> _streams = [];

    private WireText()
    {
    }

    /// <summary>Whether the bytes end inside a frame. A GOAWAY has said all it has to before its debug bytes.</summary>
    public bool EndsMidFrame { get; private set; }

    /// <summary>Whether bytes of the last frame are missing, debug bytes or others.</summary>
    public bool IsUnfinished { get; private set; }

    /// <summary>The code of the last GOAWAY.</summary>
    public uint? GoAwayCode { get; private set; }

    /// <summary>The applications' streams whose SYN is here, in its order.</summary>
    public List<uint> Opened { get; } = [];

    /// <summary>Where each frame begins.</summary>
    public List<int> Offsets { get; } = [];

    public WireStream this[uint id] => _streams.GetValueOrDefault(id, s_nothing);

    public static WireText Of(ReadOnlySpan<byte> bytes)
    {
        var text = new WireText();
        for (int at = 0; at < bytes.Length;)
        {
            text.Offsets.Add(at);
            var rest = bytes[at..];
            int length = rest.Length < WireFrame.HeaderBytes ? int.MaxValue : WireFrame.HeaderBytes + WireFrame.LengthOf(rest);
            bool isWhole = length <= rest.Length;
            text.EndsMidFrame = text.IsUnfinished = !isWhole;
            if (rest.Length >= WireFrame.HeaderBytes)
                text.Add(new WireFrame(rest[..Math.Min(length, rest.Length)].ToArray()), isWhole);
            at += Math.Min(length, rest.Length);
        }

        return text;
    }

    private void Add(WireFrame frame, bool isWhole)
    {
        const int GoAwayBodyBytes = 8;
        if (frame.Type == WireType.GoAway && frame.Payload.Length >= GoAwayBodyBytes)
        {
            GoAwayCode = frame.PayloadWord(1);
            EndsMidFrame = false;
        }
        else if (frame.Type == WireType.Data)
        {
            // The part of a payload that came can be read, but only a whole frame ends its stream.
            Of(frame.StreamId).Content.AddRange(frame.Payload);
            Of(frame.StreamId).HasFin |= frame.HasFin && isWhole;
        }
        else if (isWhole && frame.Type == WireType.Rst)
        {
            Of(frame.StreamId).ResetCode = (MuxadoErrorCode)frame.PayloadWord(0);
        }
        else if (isWhole && frame.Type == WireType.Syn)
        {
            Of(frame.StreamId).IsOpened = true;
            if (!frame.Equals(Frames.Heartbeat(frame.StreamId)))
                Opened.Add(frame.StreamId);
        }
    }

    private WireStream Of(uint id) => _streams.TryGetValue(id, out var stream) ? stream : _streams[id] = new WireStream();
}

/// <summary>What one direction's bytes say about a stream.</summary>
internal sealed class WireStream
{
    public List<byte> Content { get; } = [];

    public bool IsOpened { get; set; }

    public bool HasFin { get; set; }

    public MuxadoErrorCode? ResetCode { get; set; }
}
