namespace Muxado.Fast.Bench.Soak;

/// <summary>What a session runs over.</summary>
internal enum LinkKind
{
    Tcp,
    Tls,

    /// <summary>TCP, and both sides take so few streams that some are refused.</summary>
    TightTcp,
}
