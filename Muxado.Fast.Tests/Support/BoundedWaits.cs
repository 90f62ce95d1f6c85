using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Support;

/// <summary>Waits that end: with the result, or with a sentence about what did not happen.</summary>
public static class BoundedWaits
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    public static async Task Soon(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            await task.WaitAsync(s_limit);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"'{what}' has not completed within {s_limit.TotalSeconds} s.");
        }
    }

    public static async Task<T> Soon<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await Soon((Task)task, what);
        return await task;
    }

    public static Task Soon(this ValueTask task, [CallerArgumentExpression(nameof(task))] string what = "") => task.AsTask().Soon(what);

    public static Task<T> Soon<T>(this ValueTask<T> task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        task.AsTask().Soon(what);

    /// <summary>Waits for an operation that must fail with a <see cref="MuxadoException"/>, and returns that.</summary>
    public static async Task<MuxadoException> FailsSoon(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            await task.Soon(what);
        }
        catch (MuxadoException exception)
        {
            return exception;
        }
        throw new AssertionException($"'{what}' succeeded, but had to fail.");
    }

    public static Task<MuxadoException> FailsSoon(this ValueTask task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        task.AsTask().FailsSoon(what);

    public static Task<MuxadoException> FailsSoon<T>(this ValueTask<T> task, [CallerArgumentExpression(nameof(task))] string what = "") =>
        task.AsTask().FailsSoon(what);
}
