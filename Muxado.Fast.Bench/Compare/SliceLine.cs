using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Says where in the slice a client process is, and is sent back to it when it may go on. See <see cref="ArmRole"/>.</summary>
/// <param name="Slice"><see cref="Begin"/> or <see cref="End"/>; null in any other line.</param>
internal sealed record SliceLine(string? Slice)
{
    public const string Begin = "begin";
    public const string End = "end";

    /// <summary>Tells of an edge of the slice on standard output, and waits for the answer.</summary>
    public static void Tell(SliceEdge edge)
    {
        Console.WriteLine(JsonLine.Write(new SliceLine(edge == SliceEdge.Begin ? Begin : End)));
        Console.ReadLine();
    }
}
