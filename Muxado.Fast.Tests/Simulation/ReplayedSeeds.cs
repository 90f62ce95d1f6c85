using Muxado.Fast.Bench.Simulation;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Simulation;

/// <summary>Seeds that each found a bug. A change of the simulation's own choices makes other runs of them: then they are seeds like any.</summary>
[NothingUnobserved]
public sealed class ReplayedSeeds
{
    [TestCase(1519, TestName = "A FIN was put on another stream's data")]
    [TestCase(10, TestName = "A stream that was called safe to retry was sent after all")]
    [TestCase(395, TestName = "A deadline that had been put off ended a read")]
    [TestCase(4097, TestName = "A half-close was lost with the write that would have done it")]
    [TestCase(71, TestName = "A stream was readable after it was aborted")]
    [TestCase(4308, TestName = "A deadline came a tick early")]
    [TestCase(51, TestName = "The completion of a pipe was cut off by the cancellation of a flush")]
    [TestCase(5750, TestName = "Reading did not close when a stream was aborted whose end had come")]
    public void It_keeps_the_rules(int seed) => Assert.That(new SimulationRun(seed).Run(), Is.Null);
}
