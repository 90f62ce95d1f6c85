using System.Runtime.InteropServices;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Where it ran.</summary>
internal sealed record Machine(string System, int Processors, string Runtime, string CongestionControl)
{
    public static Machine Describe() => new(
        RuntimeInformation.OSDescription,
        Environment.ProcessorCount,
        RuntimeInformation.FrameworkDescription,
        LoopbackSocket.CongestionControl());
}
