using NUnit.Framework;

namespace Muxado.Fast.Tests.Simulation;

/// <summary>Seeds that once found a bug.</summary>
public sealed class ReplayedSeeds
{
    [TestCase(1, TestName = "The first seed")]
    public void It_keeps_the_rules(int seed) => Assert.That(new Simulation(seed).Run(), Is.Null);
}
