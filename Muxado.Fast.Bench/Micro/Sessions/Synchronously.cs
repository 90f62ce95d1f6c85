namespace Muxado.Fast.Bench.Micro.Sessions;

/// <summary>Takes the result of an operation that is expected to have ended already, without the cost of awaiting it.</summary>
internal static class Synchronously
{
    public static T Take<T>(ValueTask<T> operation) =>
        operation.IsCompleted ? operation.GetAwaiter().GetResult() : operation.AsTask().GetAwaiter().GetResult();

    public static void Take(ValueTask operation)
    {
        if (operation.IsCompleted)
            operation.GetAwaiter().GetResult();
        else
            operation.AsTask().GetAwaiter().GetResult();
    }
}
