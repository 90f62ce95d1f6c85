using System.Diagnostics;

namespace Muxado.Fast.Pooling;

/// <content>
/// Opens that wait. One thread at a time serves the queue, from its front: it takes a waiter off, tries to place a stream for it, and puts
/// it back if there is no room. Whoever frees a place or adds a session serves, or has the thread that does look once more.
/// </content>
internal sealed partial class SessionPool
{
    private readonly LinkedList<OpenWaiter> _queue = new();
    private int _waiting;
    private bool _isServing;
    private bool _servesAgain;
    private bool _foundNoRoom;

    /// <summary>Includes the waiter that is just being served.</summary>
    private bool HasWaiters => Volatile.Read(ref _waiting) > 0;

    public async ValueTask<MuxadoStreamHandle> OpenSlowAsync(MuxadoStreamOptions options, CancellationToken cancellationToken)
    {
        var waiter = new OpenWaiter(options);
        Enqueue(waiter);
        ServeWaiters();
        EnsureSessions();
        try
        {
            return await waiter.Task.WaitAsync(_options.OpenTimeout, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Withdraw(waiter, TimedOut());
        }
        catch (OperationCanceledException exception)
        {
            Withdraw(waiter, exception);
        }

        // It may have been served after all, while it was being called off: then the stream is its caller's.
        return await waiter.Task.ConfigureAwait(false);
    }

    private void Enqueue(OpenWaiter waiter)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(MuxadoSessionPool));
            _isStarted = true;
            _queue.AddLast(waiter.Node);

            // A full fence: either the one who frees a place sees this waiter, or the waiter finds the place.
            Interlocked.Increment(ref _waiting);
        }
    }

    private void ServeWaiters()
    {
        lock (_gate)
        {
            _servesAgain = true;
            if (_isServing)
                return;
            _isServing = true;
        }

        while (TryTake() is { } waiter)
        {
            if (TryPlace(waiter.Options, out MuxadoStreamHandle handle))
            {
                Interlocked.Decrement(ref _waiting);
                waiter.SetResult(handle);
            }
            else if (PutBack(waiter) is { } reason)
            {
                waiter.SetException(reason);
            }
        }
    }

    /// <summary>Takes the front waiter off, if there is any, and there may be room. Otherwise the turn ends.</summary>
    private OpenWaiter? TryTake()
    {
        lock (_gate)
        {
            Debug.Assert(_isServing);
            if ((_foundNoRoom && !_servesAgain) || _queue.First is not { } first)
            {
                _isServing = false;
                return null;
            }

            _servesAgain = false;
            _foundNoRoom = false;
            _queue.RemoveFirst();
            return first.Value;
        }
    }

    /// <summary>There is no room for it. Not null: it has ended meanwhile, with this.</summary>
    private Exception? PutBack(OpenWaiter waiter)
    {
        lock (_gate)
        {
            Exception? reason = waiter.Reason ?? (_isClosed ? ClosedWhileWaiting() : null);
            if (reason is not null)
            {
                Interlocked.Decrement(ref _waiting);
                return reason;
            }

            _foundNoRoom = true;
            _queue.AddFirst(waiter.Node);
            return null;
        }
    }

    /// <summary>Its caller waits no longer. If it is just being served, whoever serves it decides.</summary>
    private void Withdraw(OpenWaiter waiter, Exception reason)
    {
        lock (_gate)
        {
            waiter.Reason = reason;
            if (waiter.Node.List is null)
                return;
            _queue.Remove(waiter.Node);
            Interlocked.Decrement(ref _waiting);
        }

        waiter.SetException(reason);
    }

    private MuxadoException TimedOut()
    {
        MuxadoSessionPoolState state = GetState();
        string why = state.ReadySessions > 0
            ? $"all {state.ReadySessions} sessions carry {_options.MaxStreamsPerSession} streams. A stream counts, disposed or not, until the server ends it too: "
                + "dispose streams sooner, reset those that the server does not end (Abort, before disposing), or raise "
                + $"{nameof(MuxadoSessionPoolOptions.MaxStreamsPerSession)} or {nameof(MuxadoSessionPoolOptions.MaxSessions)}."
            : $"there is no session. {(state.LastError is { } error ? $"The latest attempt to dial failed: {error.Message}" : "The server is still being dialled.")}";
        return new MuxadoException(
            MuxadoError.DeadlineExceeded,
            $"No stream could be opened within {_options.OpenTimeout.TotalSeconds:0.###} s ({nameof(MuxadoSessionPoolOptions.OpenTimeout)}): {why}",
            isRetrySafe: true,
            innerException: state.ReadySessions > 0 ? null : state.LastError);
    }
}
