using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;
using NUnit.Framework.Interfaces;

[assembly: PoolBalance]

namespace Muxado.Fast.Tests.Support;

/// <summary>After every test, each buffer that its sessions rented is back: nothing leaks, on any path that any test takes.</summary>
/// <remarks>It compares with the state before the test, so that a leak is blamed on the test that made it and on no other.</remarks>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class PoolBalanceAttribute : Attribute, ITestAction
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private long _before;

    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test) => _before = BlockPool.Shared.Outstanding;

    public void AfterTest(ITest test)
    {
        // Sessions that were closed a moment ago may still be handing back what their last receive held.
        SpinWait.SpinUntil(() => BlockPool.Shared.Outstanding <= _before, s_patience);
        Assert.That(BlockPool.Shared.Outstanding, Is.LessThanOrEqualTo(_before), "rented buffers did not come back");
    }
}
