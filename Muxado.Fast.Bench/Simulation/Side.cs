namespace Muxado.Fast.Bench.Simulation;

internal enum Side
{
    Client,
    Server,
}

internal static class Sides
{
    public static Side Other(this Side side) => side == Side.Client ? Side.Server : Side.Client;

    /// <summary>Who opened the stream with this id.</summary>
    public static Side OpenerOf(uint streamId) => streamId % 2 == 1 ? Side.Client : Side.Server;
}
