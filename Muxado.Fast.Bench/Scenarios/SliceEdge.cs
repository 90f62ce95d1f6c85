namespace Muxado.Fast.Bench.Scenarios;

internal enum SliceEdge
{
    Begin,
    End,
}
