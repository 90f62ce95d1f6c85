namespace Muxado.Fast.Bench.Record.Plots;

/// <summary>A target as the ratios' plot draws it.</summary>
/// <param name="Name">What was measured, against what.</param>
/// <param name="Ratio">What was found.</param>
/// <param name="Bound">What was wanted: at least, or at most, so much.</param>
/// <param name="AtLeast">Which of the two.</param>
/// <param name="Met">Whether it was found.</param>
/// <param name="Aim">Whether it was only hoped for.</param>
internal sealed record RatioBar(string Name, double Ratio, double Bound, bool AtLeast, bool Met, bool Aim);
