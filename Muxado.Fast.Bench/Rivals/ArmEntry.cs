namespace Muxado.Fast.Bench.Rivals;

/// <summary>A line of the catalog: one way to carry the scenarios' exchanges.</summary>
/// <param name="name">What the command line and the figures call it.</param>
/// <param name="title">What a table calls it.</param>
internal abstract class ArmEntry(string name, string title)
{
    public string Name { get; } = name;

    public string Title { get; } = title;

    /// <summary>Why it cannot run on this machine and what to do about it, in one line; null when it can. May take seconds the first time.</summary>
    public abstract string? WhyUnavailable { get; }
}
