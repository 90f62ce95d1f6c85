using System.Collections.Concurrent;
using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace Muxado.Fast.Tests.Support;

/// <summary>No task of the library's fails without somebody who is told: after each test of the fixture, all that nobody holds is collected, and asked.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NothingUnobservedAttribute : Attribute, ITestAction
{
    private readonly ConcurrentQueue<Exception> _unobserved = [];

    public ActionTargets Targets => ActionTargets.Suite | ActionTargets.Test;

    public void BeforeTest(ITest test)
    {
        if (!test.IsSuite)
            return;
        Collect(); // What other fixtures left.
        TaskScheduler.UnobservedTaskException += OnUnobserved;
    }

    public void AfterTest(ITest test)
    {
        if (test.IsSuite)
        {
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
            return;
        }

        Collect();
        var unobserved = _unobserved.ToArray();
        _unobserved.Clear();
        Assert.That(unobserved, Is.Empty, "failures that nobody was told of");
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs failure) => _unobserved.Enqueue(failure.Exception);

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
