namespace Muxado.Fast.Tests.Support;

/// <summary>What a session of a test runs over.</summary>
public enum TransportKind
{
    Memory,
    Tcp,
    Unix,
    Tls,
}
