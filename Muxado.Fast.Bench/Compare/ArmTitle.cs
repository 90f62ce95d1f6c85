namespace Muxado.Fast.Bench.Compare;

/// <summary>The arms' names in words, for tables and plots.</summary>
internal static class ArmTitle
{
    private static readonly Dictionary<string, string> s_titles = new()
    {
        ["muxado"] = "Muxado.Fast",
        ["muxado-tls"] = "Muxado.Fast over TLS",
        ["tcp-per-operation"] = "TCP connection per operation",
        ["tls-per-operation"] = "TLS connection per operation",
        ["blocking"] = "blocking sockets (R0)",
        ["pump"] = "raw socket pump (R1)",
        ["network-stream"] = "NetworkStream (R2)",
        ["ssl-stream"] = "SslStream (R2 over TLS)",
        ["nerdbank"] = "Nerdbank.Streams",
        ["http2"] = ".NET HTTP/2",
        ["yamux"] = "yamux (Go)",
        ["smux"] = "smux (Go)",
    };

    /// <summary>All arms that there may be, whether they can run here or not.</summary>
    public static IReadOnlyCollection<string> Arms => s_titles.Keys;

    public static string Get(string arm) => s_titles.GetValueOrDefault(arm, arm);
}
