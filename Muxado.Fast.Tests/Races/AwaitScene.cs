namespace Muxado.Fast.Tests.Races;

/// <summary>One awaitable of the public API: how to wait, what ends the wait, and how to tell that nothing was lost. It serves any number of waits, one after the other.</summary>
internal abstract class AwaitScene
{
    /// <summary>Sets up the next wait.</summary>
    public virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>Begins to wait.</summary>
    public abstract Task StartAsync(CancellationToken cancellationToken);

    /// <summary>What is waited for happens. From any thread.</summary>
    public abstract void Complete();

    /// <summary>Fails unless everything is as it has to be after the wait.</summary>
    /// <param name="succeeded">Whether the wait succeeded, or else was cancelled.</param>
    /// <param name="isComplete">Whether <see cref="Complete"/> was called.</param>
    public abstract Task VerifyAsync(bool succeeded, bool isComplete);

    /// <summary>Lets go of everything, and fails unless nothing is left. After a failure it is not called: what went wrong first would be lost.</summary>
    public abstract Task EndAsync();
}
