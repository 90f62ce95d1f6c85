namespace Muxado.Fast.Bench.Fuzz;

/// <summary>
/// What an input leaves open, such as where its bytes are cut: drawn from the input's first byte, so that a fuzzer can change it and a
/// file replays. Seed 0 chooses nothing out of the ordinary.
/// </summary>
internal sealed class Choices(int seed)
{
    private uint _state = (uint)seed * 0x9E3779B9;

    public bool IsPlain => seed == 0;

    /// <summary>Never, when plain.</summary>
    public bool OneIn(int times) => !IsPlain && Draw() % (uint)times == 0;

    /// <summary>Both ends included; the first when plain.</summary>
    public int Between(int least, int most) => IsPlain ? least : least + (int)(Draw() % (uint)(most - least + 1));

    private uint Draw()
    {
        _state ^= _state << 13;
        _state ^= _state >> 17;
        _state ^= _state << 5;
        return _state >> 3;
    }
}
