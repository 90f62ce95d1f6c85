namespace Muxado.Fast.Bench.Chance;

/// <summary>A seed's choices, in their order: what a simulation, or one stream of a soak, leaves to chance.</summary>
/// <remarks>Threading: one owner at a time.</remarks>
internal sealed class Dice(int seed)
{
    private static readonly int[] s_edges = [1, 2, 15, 16, 17, 1024, 2047, 2048, 2049, 4096, 16382, 16383, 16384, 32768, 65535, 65536, 65537];

    private readonly Random _random = new(seed);

    /// <summary>For what the engine itself leaves to chance.</summary>
    public Random Source => _random;

    public bool Chance(double probability) => _random.NextDouble() < probability;

    /// <summary>Both ends included.</summary>
    public int Between(int least, int most) => _random.Next(least, most + 1);

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[_random.Next(choices.Length)];

    /// <summary>Both ends included.</summary>
    public TimeSpan Milliseconds(int least, int most) => TimeSpan.FromMilliseconds(Between(least, most));

    /// <summary>A time up to <paramref name="most"/>; short ones are as likely as long ones, whatever the unit.</summary>
    public TimeSpan Time(TimeSpan most) => TimeSpan.FromTicks((long)Math.Pow(most.Ticks, _random.NextDouble()));

    /// <summary>How much to read or write: mostly a little, sometimes just at one of the engine's limits, rarely a lot.</summary>
    public int Size(int most)
    {
        int size = _random.Next(20) switch
        {
            < 11 => Between(1, 300),
            < 16 => Pick<int>(s_edges),
            < 19 => Between(1, 20_000),
            _ => Between(1, most),
        };
        return Math.Min(size, most);
    }
}
