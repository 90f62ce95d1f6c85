using System.Diagnostics;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <summary>The backlog: streams that the peer has opened and nobody has accepted, and the accepts that wait for one.</summary>
/// <remarks>
/// Owner: the session engine.
/// Threading: its lock is a leaf; waiters are completed after it is left.
/// Invariants: there are waiting streams or waiting accepts, never both; a stream in the backlog is referred to by it, and can be
/// taken out from the middle, because a reset stream must not hold a place.
/// </remarks>
internal sealed class AcceptQueue(SessionEngine session, int backlog)
{
    private readonly Lock _gate = new();
    private StreamList _streams;
    private AcceptOperation? _firstWaiter;
    private AcceptOperation? _lastWaiter;
    private StreamFailure? _ended;

    /// <summary>Whether no stream waits to be accepted. A glance without the lock.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>How many streams wait to be accepted. A glance without the lock.</summary>
    public int Count => _streams.Count;

    /// <summary>Whether one more stream can be taken. Only the dispatcher adds, so the backlog does not fill before it does; but the one who waits may be called off.</summary>
    public bool HasRoom => Count < backlog || Volatile.Read(ref _firstWaiter) is not null;

    /// <summary>Hands a new stream to a waiting accept or puts it into the backlog. False: the backlog is full.</summary>
    public bool TryAdd(StreamCore stream)
    {
        AcceptOperation? waiter;
        lock (_gate)
        {
            if (_ended is not null)
                return false;
            waiter = _firstWaiter;
            if (waiter is not null)
            {
                RemoveWaiterLocked(waiter);
                waiter.EndWith(new MuxadoStreamHandle(stream, stream.Generation));
            }
            else
            {
                if (_streams.Count == backlog)
                    return false;
                AddLocked(stream);
            }
        }

        if (waiter is not null)
            session.Complete(waiter);
        return true;
    }

    /// <summary>Takes a stream out that is no use to an application any more. False: it was accepted.</summary>
    public bool TryRemove(StreamCore stream, uint id)
    {
        lock (_gate)
        {
            if (!stream.IsInBacklog || stream.Id != id || stream.Host != session)
                return false;
            RemoveLocked(stream);
            return true;
        }
    }

    public bool TryAccept(out MuxadoStreamHandle accepted)
    {
        lock (_gate)
        {
            if (_streams.First is not { } stream)
            {
                accepted = default;
                return false;
            }

            RemoveLocked(stream);
            accepted = new MuxadoStreamHandle(stream, stream.Generation);
            return true;
        }
    }

    /// <summary>The accept to wait for, when <see cref="TryAccept"/> had nothing, which has failed already if the session is over; null if there is a stream after all.</summary>
    public AcceptOperation? TryWait()
    {
        lock (_gate)
        {
            if (_streams.First is not null)
                return null;
            AcceptOperation waiter = AcceptOperation.Rent(this);
            if (_ended is not null)
            {
                waiter.EndWith(_ended.ToException());
                waiter.Execute(); // Nobody awaits it yet: this runs no user code.
                return waiter;
            }

            waiter.IsWaiting = true;
            waiter.Previous = _lastWaiter;
            if (_lastWaiter is null)
                _firstWaiter = waiter;
            else
                _lastWaiter.Next = waiter;
            _lastWaiter = waiter;
            return waiter;
        }
    }

    public void Cancel(AcceptOperation waiter, Exception reason)
    {
        lock (_gate)
        {
            if (!waiter.IsWaiting)
                return;
            RemoveWaiterLocked(waiter);
            waiter.EndWith(reason);
        }

        session.Complete(waiter);
    }

    /// <summary>Ends every waiting accept, and future ones once the backlog is empty. With <paramref name="drops"/> it is emptied now.</summary>
    public void End(StreamFailure failure, bool drops)
    {
        var waiters = new List<AcceptOperation>();
        var dropped = new List<StreamCore>();
        lock (_gate)
        {
            _ended ??= failure;
            while (_firstWaiter is { } waiter)
            {
                RemoveWaiterLocked(waiter);
                waiter.EndWith(failure.ToException());
                waiters.Add(waiter);
            }

            while (drops && _streams.First is { } stream)
            {
                RemoveLocked(stream);
                dropped.Add(stream);
            }
        }

        foreach (AcceptOperation waiter in waiters)
            session.Complete(waiter);
        foreach (StreamCore stream in dropped)
            stream.Refuse(session, stream.Id, failure);
    }

    private void AddLocked(StreamCore stream)
    {
        Debug.Assert(!stream.IsInBacklog);
        stream.IsInBacklog = true;
        _streams.Add(stream);
    }

    private void RemoveLocked(StreamCore stream)
    {
        _streams.Remove(stream);
        stream.IsInBacklog = false;
    }

    private void RemoveWaiterLocked(AcceptOperation waiter)
    {
        if (waiter.Previous is null)
            _firstWaiter = waiter.Next;
        else
            waiter.Previous.Next = waiter.Next;
        if (waiter.Next is null)
            _lastWaiter = waiter.Previous;
        else
            waiter.Next.Previous = waiter.Previous;
        waiter.Next = waiter.Previous = null;
        waiter.IsWaiting = false;
    }
}
