using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Record.Plots;

/// <summary>One line of a plot: what was counted or asked for, and what was found there.</summary>
/// <param name="Arm">Whose it is, which tells how it looks.</param>
/// <param name="Points">In ascending order.</param>
internal sealed record PlotLine(string Arm, IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>What the legend calls it.</summary>
    public string Title { get; init; } = ArmCatalog.TitleOf(Arm);

    public ArmStyle Style { get; init; } = ArmStyle.Get(Arm);
}
