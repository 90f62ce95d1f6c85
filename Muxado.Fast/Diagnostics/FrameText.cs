using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Muxado.Fast.Framing;

namespace Muxado.Fast.Diagnostics;

/// <summary>Spells a frame for people.</summary>
/// <remarks>
/// Owner: whoever prints one.
/// Threading: one thread.
/// Invariants: one frame is one line: what a peer sends as debug text is shown without what could end or disguise a line, and only its beginning.
/// Reuse: none; <see cref="Clear"/> gives back what it had to rent.
/// </remarks>
internal ref struct FrameText(Span<char> room)
{
    /// <summary>Longer ones are written too, and rent memory.</summary>
    public const int TypicalLineChars = 256;

    private const int MaxDebugBytes = 200;

    private DefaultInterpolatedStringHandler _text = new(0, 0, CultureInfo.InvariantCulture, room);

    public readonly ReadOnlySpan<char> Text => _text.Text;

    public static string NameOf(MuxadoFrameType type) => type switch
    {
        MuxadoFrameType.Syn => "SYN",
        MuxadoFrameType.Rst => "RST",
        MuxadoFrameType.Data => "DATA",
        MuxadoFrameType.WindowIncrement => "WND_INC",
        MuxadoFrameType.GoAway => "GOAWAY",
        _ => $"TYPE_{(int)type}",
    };

    /// <summary>Everything about a frame, and the end of the line.</summary>
    public void AppendLine(in MuxadoFrame frame)
    {
        _text.AppendFormatted(frame.Timestamp, "HH:mm:ss.ffffff");
        _text.AppendLiteral(" #");
        _text.AppendFormatted(frame.SessionNumber);
        _text.AppendLiteral(frame.IsClient ? " client" : " server");
        _text.AppendLiteral(frame.Direction == MuxadoFrameDirection.Sent ? " -> " : " <- ");
        _text.AppendFormatted(NameOf(frame.Type), -7);
        _text.AppendFormatted(frame.StreamId, 7);
        _text.AppendFormatted(frame.Length, 7);
        _text.AppendLiteral(" B");
        AppendDetails(frame, before: "  ");
        _text.AppendLiteral(Environment.NewLine);
    }

    /// <summary>What the frame says beyond type, stream and length; nothing if it says no more.</summary>
    public void AppendDetails(in MuxadoFrame frame, string before = "")
    {
        if (frame.Violation is { } violation)
        {
            Append(ref before, "illegal: ");
            _text.AppendLiteral(violation);
            return;
        }

        if (frame.Priority is { } priority)
            Append(ref before, "priority ", priority);
        if (frame.StreamType is { } type)
        {
            Append(ref before, type == Wire.FirstExtensionStreamType ? "heartbeat, type 0x" : "type 0x");
            _text.AppendFormatted(type, "X");
        }

        if (frame.IsFin)
            Append(ref before, "FIN");
        if (frame.CreditBytes is { } credit)
        {
            Append(ref before, "+", credit);
            _text.AppendLiteral(" B");
        }

        if (frame.LastStreamId is { } last)
            Append(ref before, "last stream ", last);
        if (frame.ErrorCode is { } code)
            Append(ref before, NameOf(code), (uint)code);
        if (frame.Type == MuxadoFrameType.GoAway && frame.Payload.Length > Wire.GoAwayBodyBytes)
            AppendDebug(ref before, frame.Payload[Wire.GoAwayBodyBytes..]);
    }

    public void Clear() => _text.Clear();

    private static string NameOf(MuxadoErrorCode code) => Enum.IsDefined(code) ? $"{code}, code " : "code ";

    /// <summary>Not what ends a line, for any reader of it, ends the quotation, or has the rest of the line shown in another order.</summary>
    private static bool IsShown(char character) => character != '"' && char.GetUnicodeCategory(character) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private void AppendDebug(ref string before, ReadOnlySpan<byte> debug)
    {
        Append(ref before, "says \"");
        foreach (char shown in Encoding.UTF8.GetString(debug[..Math.Min(debug.Length, MaxDebugBytes)]))
            _text.AppendFormatted(IsShown(shown) ? shown : '.');
        _text.AppendLiteral(debug.Length > MaxDebugBytes ? "...\"" : "\"");
    }

    private void Append(ref string before, string text, uint number)
    {
        Append(ref before, text);
        _text.AppendFormatted(number);
    }

    private void Append(ref string before, string text)
    {
        _text.AppendLiteral(before);
        _text.AppendLiteral(text);
        before = ", ";
    }
}
