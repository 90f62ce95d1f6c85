using Muxado.Fast.Tests.Cli;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A thread pool of one worker, in the client and in the server: whatever waits for another pool thread would wait for ever.</summary>
[Platform("Linux", Reason = "Threads are counted by their names in /proc.")]
[Category("Concurrency")]
public sealed class OneWorkerTests
{
    private static readonly Dictionary<string, string> s_oneWorker = new()
    {
        ["DOTNET_ThreadPool_ForceMinWorkerThreads"] = "1",
        ["DOTNET_ThreadPool_ForceMaxWorkerThreads"] = "1",
    };

    [TestCase("rpc", false)]
    [TestCase("churn", false)]
    [TestCase("bulk", false)]
    [TestCase("rpc", true)]
    [CancelAfter(60_000)]
    public async Task A_conversation_gets_through(string mode, bool tls, CancellationToken cancellationToken)
    {
        string[] security = tls ? ["--tls"] : [];
        var (server, port) = await BenchProcess.ServeAsync(s_oneWorker, cancellationToken, ["--listen", "127.0.0.1:0", .. security]);
        await using var _ = server;
        await using var client = BenchProcess.Start(
            s_oneWorker, ["load", "--connect", $"127.0.0.1:{port}", "--mode", mode, "--concurrency", "16", "--count", "200", "--json", .. security]);

        var outcome = await client.WaitAsync(cancellationToken);

        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
        Assert.That(outcome.Output, Does.Contain("\"operations\":200,").And.Contain("\"errors\":0,"));
        Assert.That(CountWorkers(server.Id), Is.EqualTo(1), "the pool was not held to one worker");
        server.Terminate();
        Assert.That((await server.WaitAsync(cancellationToken)).ExitCode, Is.Zero);
    }

    private static int CountWorkers(int processId) =>
        Directory.GetDirectories($"/proc/{processId}/task").Count(thread => File.ReadAllText(Path.Combine(thread, "comm")).StartsWith(".NET TP Worker", StringComparison.Ordinal));
}
