namespace Muxado.Fast.Bench.Scenarios;

/// <summary>
/// The bytes of every operation: a function of its number and the offset, so that a byte that arrives at the wrong place or on
/// the wrong stream is noticed. They are slices of one fixed pattern: making them costs nothing, checking them is one compare.
/// </summary>
internal static class Payload
{
    /// <summary>The longest piece that can be made or checked at once, in bytes.</summary>
    public const int MaxPieceBytes = 64 * 1024;

    // A prime, so that no frame, window or buffer size is a multiple of it and a shift by any of those shows.
    private const int PeriodBytes = 65_521;
    private const int PhaseBytesPerOperation = 7_919;

    private static readonly byte[] s_pattern = MakePattern();

    public static ReadOnlyMemory<byte> Piece(long operation, long offset, int length) =>
        s_pattern.AsMemory(Phase(operation, offset), length);

    public static bool Matches(ReadOnlySpan<byte> received, long operation, long offset) =>
        received.SequenceEqual(s_pattern.AsSpan(Phase(operation, offset), received.Length));

    private static int Phase(long operation, long offset) =>
        (int)((ulong)((operation * PhaseBytesPerOperation) + offset) % PeriodBytes);

    private static byte[] MakePattern()
    {
        var pattern = new byte[PeriodBytes + MaxPieceBytes];
        new Random(PeriodBytes).NextBytes(pattern.AsSpan(0, PeriodBytes));
        pattern.AsSpan(0, MaxPieceBytes - PeriodBytes).CopyTo(pattern.AsSpan(2 * PeriodBytes));
        pattern.AsSpan(0, PeriodBytes).CopyTo(pattern.AsSpan(PeriodBytes));
        return pattern;
    }
}
