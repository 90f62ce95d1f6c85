namespace Muxado.Fast.Bench.Soak;

/// <summary>What a soak does: for how long, with which choices, on how many sessions at a time.</summary>
internal sealed record SoakPlan(TimeSpan Duration, int Seed, int Sessions);
