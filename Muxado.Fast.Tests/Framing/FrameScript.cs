namespace Muxado.Fast.Tests.Framing;

/// <summary>A recorded conversation with each kind of frame in each of its shapes, and what it says.</summary>
internal static class FrameScript
{
    private static readonly (string Hex, string Line, int CleanEndFrom)[] Frames =
    [
        ("00080601 00000003 7fffffff fffffeff", "SYN 3 priority 7fffffff type fffffeff", 16),
        ("00000001 00000005", "SYN 5 priority 0 type 0", 8),
        ("00040201 00000007 00000009", "SYN 7 priority 9 type 0", 12),
        ("00040401 00000009 0000000a", "SYN 9 priority 0 type a", 12),
        ("00000101 0000000b", "SYN 11 priority 0 type 0 FIN", 8),
        ("00050003 00000005 68656c6c6f", "DATA 5 68656c6c6f", 13),
        ("00000003 00000005", "DATA 5 ", 8),
        ("00030103 00000005 627965", "DATA 5 627965 FIN", 11),
        ("00040004 00000007 00000005", "WND_INC 7 +5", 12),
        ("00040002 00000007 00000007", "RST 7 code 7", 12),
        ("00040002 00000009 000000ff", "RST 9 code 255", 12),
        ("00000103 0000000b", "DATA 11  FIN", 8),
        // Go: announces 31 bytes and sends eight. The next frame follows at once.
        ("001f0006 00000000 00000002 00000000", "GOAWAY last 2 code 0", 16),
        ("000c0026 00000000 00000002 00000003 62796521", "GOAWAY last 2 code 3|debug 62796521", 16),
        ("00040003 00000003 00000000", "DATA 3 00000000", 12),
        ("00080026 00000000 00000000 00000001", "GOAWAY last 0 code 1", 16),
    ];

    public static byte[] Bytes { get; } = Hex(string.Concat(Frames.Select(f => f.Hex)));

    public static string[] Lines { get; } = [.. Frames.SelectMany(f => f.Line.Split('|'))];

    /// <summary>The offsets at which the bytes may end without a frame being cut.</summary>
    public static HashSet<int> CleanEnds { get; } = FindCleanEnds();

    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static HashSet<int> FindCleanEnds()
    {
        HashSet<int> ends = [0];
        int start = 0;
        foreach ((string hex, _, int cleanEndFrom) in Frames)
        {
            int end = start + Hex(hex).Length;
            ends.UnionWith(Enumerable.Range(start + cleanEndFrom, end - start - cleanEndFrom + 1));
            start = end;
        }

        return ends;
    }
}
