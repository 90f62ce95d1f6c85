namespace Muxado.Fast.Bench.Soak;

/// <summary>
/// The seed's choices for one stream, session or loop: the same seed and number give the same ones, whatever the threads do. One owner at a time.
/// </summary>
internal sealed class Dice(int seed, long number, int salt)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private static readonly int[] s_edges = [1, 2, 15, 16, 17, 1024, 2047, 2048, 2049, 4096, 16_382, 16_383, 16_384, 32_768, 65_535, 65_536, 65_537];

    private ulong _state = ((ulong)(uint)seed << 32) + ((ulong)number * Golden) + (uint)salt;

    public bool Chance(int percent) => Between(1, 100) <= percent;

    /// <summary>Both ends included.</summary>
    public int Between(int least, int most) => least + (int)(Next() % (ulong)(most - least + 1));

    public TimeSpan Milliseconds(int least, int most) => TimeSpan.FromMilliseconds(Between(least, most));

    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Between(0, choices.Length - 1)];

    /// <summary>How much to read or write: mostly a little, sometimes just at one of the engine's limits, rarely a lot.</summary>
    public int Size(int most) => Math.Min(most, Between(1, 40) switch
    {
        <= 30 => Between(1, 300),
        <= 36 => Pick<int>(s_edges),
        <= 39 => Between(1, 20_000),
        _ => Between(1, most),
    });

    // SplitMix64.
    private ulong Next()
    {
        var mixed = _state += Golden;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
