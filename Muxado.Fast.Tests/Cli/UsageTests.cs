using NUnit.Framework;

namespace Muxado.Fast.Tests.Cli;

/// <summary>What the command line says about itself, and about what is wrong with a call.</summary>
public sealed class UsageTests
{
    private const int BadUsage = 2;

    [Test, CancelAfter(60_000)]
    public async Task Help_teaches_with_examples([Values("", "serve", "load", "soak", "compare", "micro", "fuzz")] string command, CancellationToken cancellationToken)
    {
        var outcome = await BenchProcess.RunAsync(cancellationToken, command.Length == 0 ? ["--help"] : [command, "--help"]);
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
        Assert.That(outcome.Output, Does.Contain("Usage:").And.Contain("Examples:").And.Contain($"{command} --"));
        Assert.That(outcome.Errors, Is.Empty);
    }

    [TestCase("command was not provided")]
    [TestCase("--listen", "serve")]
    [TestCase("'7000' is not HOST:PORT", "serve", "--listen", "7000")]
    [TestCase("'127.0.0.1:65536' is not HOST:PORT", "serve", "--listen", "127.0.0.1:65536")]
    [TestCase("'::1:7000' is not HOST:PORT", "serve", "--listen", "::1:7000")]
    [TestCase("'nonsense'", "serve", "--listen", "127.0.0.1:0", "nonsense")]
    [TestCase("--connect", "load")]
    [TestCase("'127.0.0.1:0' is not HOST:PORT", "load", "--connect", "127.0.0.1:0")]
    [TestCase("'sideways' not recognized", "load", "--connect", "127.0.0.1:1", "--mode", "sideways")]
    [TestCase("--count and --duration exclude each other", "load", "--connect", "127.0.0.1:1", "--count", "1", "--duration", "1")]
    [TestCase("--concurrency '0'", "load", "--connect", "127.0.0.1:1", "--concurrency", "0")]
    [TestCase("--count 'many'", "load", "--connect", "127.0.0.1:1", "--count", "many")]
    [TestCase("--duration 'NaN'", "load", "--connect", "127.0.0.1:1", "--duration", "NaN")]
    [TestCase("--size '-1'", "load", "--connect", "127.0.0.1:1", "--size", "-1")]
    [TestCase("--minutes '0'", "soak", "--minutes", "0")]
    [TestCase("--seed '-1'", "soak", "--seed", "-1")]
    [TestCase("--sessions '3'", "soak", "--sessions", "3")]
    [TestCase("'--slow'", "compare", "--slow")]
    [TestCase("--record-to needs --record or --render", "compare", "--record-to", ".")]
    [TestCase("--record and --render exclude each other", "compare", "--record", "--render", "figures.json")]
    [TestCase("'nonsense' is not the name of a target", "compare", "--only", "P4,nonsense")]
    [TestCase("P8 is held by the allocation tests", "compare", "--only", "P8")]
    [TestCase("'everything' not recognized", "fuzz", "everything")]
    [CancelAfter(60_000)]
    public async Task Bad_usage_is_explained_on_stderr(string explanation, params string[] arguments)
    {
        var outcome = await BenchProcess.RunAsync(TestContext.CurrentContext.CancellationToken, arguments);
        Assert.That(outcome.ExitCode, Is.EqualTo(BadUsage), outcome.ToString());
        Assert.That(outcome.Errors, Does.Contain(explanation).And.Contain("--help"));
        Assert.That(outcome.Output, Is.Empty);
    }
}
