using Muxado.Fast.Bench.Simulation;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Simulation;

/// <summary>Many seeds, each another run of two sessions over a link that does what links do.</summary>
[NothingUnobserved]
public sealed class SimulationTests
{
    private const int SeedsPerCase = 500;

    [Test]
    public async Task Every_seed_keeps_the_rules([Range(0, 9)] int group)
    {
        var campaign = new Campaign(group * SeedsPerCase, SeedsPerCase);
        await campaign.RunAsync(Environment.ProcessorCount, CancellationToken.None);

        Assert.That(campaign.Failure, Is.Null);
        Assert.That(campaign.Counts.Done, Is.EqualTo(SeedsPerCase));
    }

    [Test]
    public void The_same_seed_makes_the_same_run([Range(1, 20)] int seed)
    {
        var first = new SimulationRun(seed);
        var second = new SimulationRun(seed);
        first.Run();
        second.Run();

        Assert.That(first.Trace.Count, Is.GreaterThan(10));
        Assert.That(second.Trace.ToString(), Is.EqualTo(first.Trace.ToString()));
        Assert.That(second.Trace.Hash, Is.EqualTo(first.Trace.Hash));
    }

    [Test]
    public void Another_seed_makes_another_run()
    {
        var first = new SimulationRun(1);
        var second = new SimulationRun(2);
        first.Run();
        second.Run();
        Assert.That(second.Trace.Hash, Is.Not.EqualTo(first.Trace.Hash));
    }
}
