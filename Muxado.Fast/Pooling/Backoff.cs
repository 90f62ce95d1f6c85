using Polly;
using Polly.Retry;

namespace Muxado.Fast.Pooling;

/// <summary>When something that failed is tried again: Polly runs the attempts and the waits, and this says how long they are.</summary>
internal static class Backoff
{
    /// <summary>Tries for as long as it takes, or until the token ends it.</summary>
    /// <param name="options">Where the waits come from.</param>
    /// <param name="onFailure">Told why an attempt failed and how long the wait is.</param>
    public static ResiliencePipeline ForDialling(MuxadoSessionPoolOptions options, Action<Exception, TimeSpan> onFailure)
    {
        return Pipeline(options, new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            ShouldHandle = static args => new ValueTask<bool>(args.Outcome.Exception is not null),
            DelayGenerator = args => new ValueTask<TimeSpan?>(Delay(options, args.AttemptNumber)),
            OnRetry = args =>
            {
                onFailure(args.Outcome.Exception!, args.RetryDelay);
                return default;
            },
        });
    }

    /// <summary>Repeats operations whose stream the server never saw.</summary>
    public static ResiliencePipeline ForOperations(MuxadoSessionPoolOptions options)
    {
        if (options.MaxRetries == 0)
            return ResiliencePipeline.Empty;
        return Pipeline(options, new RetryStrategyOptions
        {
            MaxRetryAttempts = options.MaxRetries,
            ShouldHandle = static args => new ValueTask<bool>(RetrySafe(args.Outcome.Exception) is not null),
            DelayGenerator = args => new ValueTask<TimeSpan?>(
                args.AttemptNumber == 0 && RetrySafe(args.Outcome.Exception) is { Error: not MuxadoError.StreamRefused }
                    ? TimeSpan.Zero // The session has gone; the next is another.
                    : Delay(options, args.AttemptNumber)),
        });
    }

    /// <summary>
    /// The wait after the attempt of this number, from 0: doubling up to the cap, less up to a half at random. Polly's own jitter ends at
    /// its cap, where clients that lost their server together need it most.
    /// </summary>
    internal static TimeSpan Delay(MuxadoSessionPoolOptions options, int attempt)
    {
        double ticks = Math.Min(options.InitialBackoff.Ticks * Math.Pow(2, attempt), options.MaxBackoff.Ticks);
        return TimeSpan.FromTicks((long)(ticks * (1 - (0.5 * options.Random.NextDouble()))));
    }

    /// <summary>
    /// The failure that makes it safe to repeat an operation. A pool's own timeout is not one, whatever it gives as its cause: it has waited long enough.
    /// </summary>
    private static MuxadoException? RetrySafe(Exception? failure)
    {
        for (; failure is not (null or MuxadoException { Error: MuxadoError.DeadlineExceeded }); failure = failure.InnerException)
        {
            if (failure is MuxadoException { IsRetrySafe: true } found)
                return found;
        }

        return null;
    }

    private static ResiliencePipeline Pipeline(MuxadoSessionPoolOptions options, RetryStrategyOptions retry) =>
        new ResiliencePipelineBuilder { TimeProvider = options.TimeProvider }.AddRetry(retry).Build();
}
