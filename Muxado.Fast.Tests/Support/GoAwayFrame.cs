using System.Text;

namespace Muxado.Fast.Tests.Support;

/// <summary>What a GOAWAY says.</summary>
public sealed class GoAwayFrame(WireFrame frame)
{
    public uint LastId { get; } = frame.PayloadWord(0);
    public uint Code { get; } = frame.PayloadWord(1);
    public string Debug { get; } = Encoding.UTF8.GetString(frame.Payload[8..]);
}
