namespace Muxado.Fast.Bench.Soak;

/// <summary>What a soak found.</summary>
/// <param name="Elapsed">How long it ran.</param>
/// <param name="Tally">What it did.</param>
/// <param name="Readings">At each steady point: the first is what the last is measured against.</param>
/// <param name="Problems">What was wrong, hung, or not flat.</param>
/// <param name="IsInterrupted">Whether it was stopped before its end.</param>
internal sealed record SoakReport(
    TimeSpan Elapsed, SoakTally Tally, IReadOnlyList<Reading> Readings, IReadOnlyList<string> Problems, bool IsInterrupted);
