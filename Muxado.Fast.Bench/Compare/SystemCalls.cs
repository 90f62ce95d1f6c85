namespace Muxado.Fast.Bench.Compare;

/// <summary>How many system calls an operation takes, counted in a run that was not timed.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Arm">The arm.</param>
/// <param name="ClientPerOperation">All calls of the client's process, per operation.</param>
/// <param name="ServerPerOperation">All calls of the server's process, per operation.</param>
/// <param name="PerOperationByName">Those of both by name, the most frequent first.</param>
internal sealed record SystemCalls(
    string Workload, string Arm, double ClientPerOperation, double ServerPerOperation, IReadOnlyDictionary<string, double> PerOperationByName)
{
    public static SystemCalls Create(
        string workload, string arm, IReadOnlyDictionary<string, long> client, IReadOnlyDictionary<string, long> server, long operations) => new(
        workload,
        arm,
        (double)client.Values.Sum() / operations,
        (double)server.Values.Sum() / operations,
        client.Concat(server)
            .GroupBy(call => call.Key, call => call.Value)
            .OrderByDescending(calls => calls.Sum())
            .ToDictionary(calls => calls.Key, calls => (double)calls.Sum() / operations));
}
