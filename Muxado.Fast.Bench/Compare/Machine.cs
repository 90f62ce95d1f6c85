using System.Runtime;
using System.Runtime.InteropServices;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Compare;

/// <summary>Where it ran.</summary>
/// <param name="System">The operating system.</param>
/// <param name="Processors">How many logical ones this process may use.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="CongestionControl">What all sockets used.</param>
/// <param name="Cpu">The model, or the architecture where the system does not tell.</param>
/// <param name="Kernel">The kernel's name and version.</param>
/// <param name="GarbageCollector">Its settings, the same in all processes of this program.</param>
internal sealed record Machine(
    string System, int Processors, string Runtime, string CongestionControl, string Cpu, string Kernel, string GarbageCollector)
{
    private const string ProcessorList = "/proc/cpuinfo";

    public static Machine Describe() => new(
        RuntimeInformation.OSDescription,
        Environment.ProcessorCount,
        RuntimeInformation.FrameworkDescription,
        LoopbackSocket.CongestionControl(),
        DescribeCpu(),
        Environment.OSVersion.ToString(),
        DescribeGarbageCollector());

    private static string DescribeCpu()
    {
        var model = File.Exists(ProcessorList)
            ? File.ReadLines(ProcessorList).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return model?.Split(':', 2)[^1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string DescribeGarbageCollector()
    {
        // Concurrent is what it is called when it may collect the old generation beside the program.
        var concurrent = AppContext.TryGetSwitch("System.GC.Concurrent", out var enabled) ? enabled : GCSettings.LatencyMode == GCLatencyMode.Interactive;
        return $"{(GCSettings.IsServerGC ? "server" : "workstation")}, {(concurrent ? "concurrent" : "non-concurrent")}";
    }
}
