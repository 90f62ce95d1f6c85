using Muxado.Fast.Diagnostics;

namespace Muxado.Fast;

/// <summary>Writes one readable line for each frame.</summary>
/// <remarks>
/// Thread-safe: any number of sessions may share one. It neither flushes nor disposes the writer. docs/diagnostics.md explains the lines.
/// <code>
/// 10:20:30.123456 #1 client -> SYN          5      4 B  priority 7
/// 10:20:30.123501 #1 client -> DATA         5    512 B  FIN
/// 10:20:30.123890 #1 client &lt;- WND_INC      5      4 B  +65536 B
/// </code>
/// </remarks>
public sealed class MuxadoFrameLog : MuxadoFrameTap
{
    private readonly TextWriter _writer;

    /// <summary>Logs to a writer, which stays the caller's.</summary>
    /// <param name="writer">Used by one thread at a time.</param>
    public MuxadoFrameLog(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = TextWriter.Synchronized(writer);
    }

    /// <inheritdoc/>
    public override void OnFrame(in MuxadoFrame frame)
    {
        Span<char> room = stackalloc char[FrameText.TypicalLineChars];
        var line = new FrameText(room);
        line.AppendLine(frame);
        _writer.Write(line.Text); // The end of line included: one call is one line, whoever else writes.
        line.Clear();
    }
}
