using System.Collections.Concurrent;
using NUnit.Framework;
using NUnit.Framework.Interfaces;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>Fails a test during which an exception reached the process: unhandled on any thread, or in a task that nobody observed.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NothingEscapesAttribute : Attribute, ITestAction
{
    private readonly ConcurrentQueue<string> _escaped = new();

    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test)
    {
        FinalizeGarbage(); // What earlier tests left behind is not this one's.
        _escaped.Clear();
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
        TaskScheduler.UnobservedTaskException += OnUnobserved;
    }

    public void AfterTest(ITest test)
    {
        FinalizeGarbage();
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;
        TaskScheduler.UnobservedTaskException -= OnUnobserved;
        Assert.That(_escaped, Is.Empty, "an exception escaped");
    }

    /// <summary>A task tells that nobody observed its exception when it is finalised.</summary>
    private static void FinalizeGarbage()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private void OnUnhandled(object sender, UnhandledExceptionEventArgs e) => _escaped.Enqueue($"unhandled: {e.ExceptionObject}");

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e) => _escaped.Enqueue($"unobserved: {e.Exception}");
}
