using NUnit.Framework;

namespace Muxado.Fast.Tests.Support;

/// <summary>Waits for an operation that must fail, and hands out its exception.</summary>
public static class Fails
{
    /// <summary>For operations that fail at the call or later.</summary>
    public static async Task<TException> With<TException>(Func<Task> start)
        where TException : Exception
    {
        try
        {
            await start().Soon();
        }
        catch (TException failure)
        {
            return failure;
        }

        throw new AssertionException($"The operation succeeded; it had to fail with {typeof(TException).Name}.");
    }

    /// <summary>For operations under way.</summary>
    public static Task<TException> With<TException>(Task operation)
        where TException : Exception => With<TException>(() => operation);

    /// <summary>For failures of this library, with what failed.</summary>
    public static async Task<MuxadoException> With(MuxadoError error, Func<Task> start)
    {
        var failure = await With<MuxadoException>(start);
        Assert.That(failure.Error, Is.EqualTo(error), failure.Message);
        return failure;
    }

    public static Task<MuxadoException> With(MuxadoError error, Task operation) => With(error, () => operation);

    /// <summary>Whether an exception is one of those that any stream operation may end with when its stream is torn down under it.</summary>
    public static bool IsOrderly(Exception failure) =>
        failure is MuxadoException or ObjectDisposedException or OperationCanceledException;
}
