using System.Collections.Concurrent;
using System.Diagnostics;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;
using NUnit.Framework.Interfaces;

[assembly: AssertionsHold]

namespace Muxado.Fast.Tests.Support;

/// <summary>No assertion of the engine's (in DEBUG) fails unnoticed: it is thrown, and whoever is there may catch everything.</summary>
/// <remarks>One that fails on another thread, late, is blamed on the test that runs then.</remarks>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class AssertionsHoldAttribute : Attribute, ITestAction
{
    private static readonly ConcurrentQueue<string> s_failures = new();

    static AssertionsHoldAttribute() => Trace.Listeners.Insert(0, new Listener());

    public ActionTargets Targets => ActionTargets.Test;

    public void BeforeTest(ITest test)
    {
    }

    public void AfterTest(ITest test)
    {
        if (s_failures.TryDequeue(out var failure))
            Assert.Fail(failure);
    }

    private sealed class Listener : TraceListener
    {
        public override void Fail(string? message, string? detailMessage) =>
            s_failures.Enqueue($"an assertion failed: {message} {detailMessage}{Environment.NewLine}{new StackTrace(fNeedFileInfo: true)}");

        public override void Write(string? message)
        {
        }

        public override void WriteLine(string? message)
        {
        }
    }
}
