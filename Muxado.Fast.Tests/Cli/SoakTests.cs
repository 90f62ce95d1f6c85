using NUnit.Framework;

namespace Muxado.Fast.Tests.Cli;

/// <summary>The soak, as a person starts it, for a few seconds.</summary>
public sealed class SoakTests
{
    [Test, CancelAfter(120_000)]
    public async Task A_short_soak_finds_everything_right_and_flat(CancellationToken cancellationToken)
    {
        var outcome = await BenchProcess.RunAsync(cancellationToken, "soak", "--minutes", "0.13", "--sessions", "8");
        Assert.That(outcome.ExitCode, Is.Zero, outcome.ToString());
        Assert.That(outcome.Errors, Does.StartWith("seed ").And.Contain("steady at ").And.Not.Contain("error"));
        Assert.That(outcome.Output, Does.Contain("operations cancelled").And.Contain("managed heap, B"));
    }
}
