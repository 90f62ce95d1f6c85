using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Muxado.Fast.Bench.Soak;

/// <summary>Exceptions that nobody is told of: of tasks that nobody awaits, and mistakes of the engine that are caught on their way.</summary>
/// <remarks>Owner: the soak. Threading: called on any thread.</remarks>
internal sealed class StrayExceptions : IDisposable
{
    private const string RuntimeCode = "System.";
    private const string OwnCode = "Muxado.Fast.Bench";
    private const string EngineCode = "Muxado.Fast";

    // What is thrown on purpose is of other types, or derived from these.
    private static readonly HashSet<Type> s_mistakes =
    [
        typeof(NullReferenceException), typeof(IndexOutOfRangeException), typeof(InvalidCastException), typeof(InvalidOperationException),
        typeof(ArgumentException), typeof(ArgumentNullException), typeof(ArgumentOutOfRangeException), typeof(OverflowException), typeof(KeyNotFoundException),
    ];

    private readonly SoakTally _tally;

    public StrayExceptions(SoakTally tally)
    {
        _tally = tally;
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
        AppDomain.CurrentDomain.FirstChanceException += OnThrown;
    }

    public void Dispose()
    {
        TaskScheduler.UnobservedTaskException -= OnUnobserved;
        AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;
        AppDomain.CurrentDomain.FirstChanceException -= OnThrown;
    }

    private void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs e) =>
        _tally.Report($"a task's exception was not observed: {e.Exception}");

    // The process does not survive it: this is all that will be said.
    private static void OnUnhandled(object sender, UnhandledExceptionEventArgs e) =>
        Console.Error.WriteLine($"error: unhandled exception: {e.ExceptionObject}");

    /// <summary>The type whose code threw it; if that is the runtime's, the one that called the runtime, as that is where the mistake is.</summary>
    private static string? ThrowerOf(Exception failure)
    {
        var thrower = failure.TargetSite?.DeclaringType?.FullName;
        return thrower?.StartsWith(RuntimeCode, StringComparison.Ordinal) != true
            ? thrower
            : new StackTrace(fNeedFileInfo: false).GetFrames()
                .Select(frame => frame.GetMethod()?.DeclaringType)
                .SkipWhile(type => type == typeof(StrayExceptions))
                .Select(type => type?.FullName)
                .FirstOrDefault(name => name?.StartsWith(RuntimeCode, StringComparison.Ordinal) == false);
    }

    private void OnThrown(object? sender, FirstChanceExceptionEventArgs e)
    {
        if (s_mistakes.Contains(e.Exception.GetType())
            && ThrowerOf(e.Exception) is { } thrower
            && thrower.StartsWith(EngineCode, StringComparison.Ordinal)
            && !thrower.StartsWith(OwnCode, StringComparison.Ordinal))
        {
            // On its way, the exception itself knows no more than where it was thrown.
            _tally.Report($"the engine threw what it must not: {e.Exception.GetType()}: {e.Exception.Message}{Environment.NewLine}{Environment.StackTrace}");
        }
    }
}
