using Muxado.Fast.Bench.Rivals;
using ScottPlot;

namespace Muxado.Fast.Bench.Record.Plots;

/// <summary>How an arm is drawn, the same in all plots of all records.</summary>
/// <remarks>
/// Colours are from sets made for colour-blind eyes, and each arm has a marker of its own besides, so that a plot survives a
/// black and white printer. An arm over TLS has the colour of its plain sibling, dashed. Muxado.Fast has the strongest line.
/// </remarks>
internal sealed record ArmStyle(Color Color, MarkerShape Marker, bool Dashed = false)
{
    private const float OurLineWidth = 3.5f;
    private const float RivalLineWidth = 1.75f;
    private const float OurMarkerSize = 11;
    private const float RivalMarkerSize = 9;

    private static readonly Color s_ours = Color.FromHex("#D55E00");

    private static readonly List<(string Arm, ArmStyle Style)> s_styles =
    [
        (MuxadoArm.Name, new(s_ours, MarkerShape.FilledCircle)),
        ("muxado-tls", new(s_ours, MarkerShape.OpenCircle, Dashed: true)),
        (TcpPerOperationArm.Name, new(Colors.Black, MarkerShape.Eks)),
        ("tls-per-operation", new(Colors.Black, MarkerShape.Cross, Dashed: true)),
        ("blocking", new(Color.FromHex("#56B4E9"), MarkerShape.FilledTriangleUp)),
        ("pump", new(Color.FromHex("#009E73"), MarkerShape.FilledTriangleDown)),
        (PumpArm.PollingName, new(Color.FromHex("#009E73"), MarkerShape.OpenTriangleDown, Dashed: true)),
        (NetworkStreamArm.Name, new(Color.FromHex("#0072B2"), MarkerShape.FilledSquare)),
        ("ssl-stream", new(Color.FromHex("#0072B2"), MarkerShape.OpenSquare, Dashed: true)),
        ("nerdbank", new(Color.FromHex("#CC79A7"), MarkerShape.FilledDiamond)),
        ("http2", new(Color.FromHex("#E69F00"), MarkerShape.OpenTriangleUp)),
        ("yamux", new(Color.FromHex("#999933"), MarkerShape.OpenTriangleDown)),
        ("smux", new(Color.FromHex("#882255"), MarkerShape.OpenDiamond)),
    ];

    private static readonly ArmStyle s_unknown = new(Color.FromHex("#777777"), MarkerShape.Asterisk);

    private bool IsOurs => Color == s_ours;

    public float LineWidth => IsOurs ? OurLineWidth : RivalLineWidth;

    public float MarkerSize => IsOurs ? OurMarkerSize : RivalMarkerSize;

    public LinePattern Pattern => Dashed ? LinePattern.Dashed : LinePattern.Solid;

    public static ArmStyle Get(string arm) => s_styles.Find(entry => entry.Arm == arm).Style ?? s_unknown;

    /// <summary>Muxado.Fast first, then in the order of the list above, then what is not in it.</summary>
    public static int Order(string arm) =>
        s_styles.FindIndex(entry => entry.Arm == arm) is var index && index >= 0 ? index : s_styles.Count;
}
