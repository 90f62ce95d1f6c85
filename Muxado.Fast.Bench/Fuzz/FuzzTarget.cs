namespace Muxado.Fast.Bench.Fuzz;

/// <summary>
/// Something that must cope with any bytes. An input's first byte is the seed of the <see cref="Choices"/>, the rest is what a peer sends.
/// </summary>
internal abstract class FuzzTarget(string name)
{
    public static IReadOnlyList<FuzzTarget> All { get; } = [new FramesTarget(), new SessionTarget("server", isClient: false), new SessionTarget("client", isClient: true)];

    public string Name => name;

    public static FuzzTarget Find(string name) => All.Single(target => target.Name == name);

    /// <summary>Throws a <see cref="FuzzFailureException"/>, or whatever the engine lets escape, if the input breaks a rule.</summary>
    public void Run(byte[] input)
    {
        if (input.Length > 0)
            Run(input[0], input[1..]);
    }

    protected abstract void Run(byte seed, byte[] bytes);
}
