using Muxado.Fast.Tests.Support;
using NUnit.Framework;
using NUnit.Framework.Interfaces;

[assembly: NoSynchronizationContext]

namespace Muxado.Fast.Tests.Support;

/// <summary>
/// Takes the runner's synchronization context away from every test. With it each continuation would be posted to the thread pool;
/// without it, as in a server, a continuation runs where the library completes it, on the very thread that it must not hold up.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class NoSynchronizationContextAttribute : Attribute, ITestAction
{
    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test) => SynchronizationContext.SetSynchronizationContext(null);

    public void AfterTest(ITest test)
    {
    }
}
