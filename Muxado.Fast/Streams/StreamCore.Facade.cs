namespace Muxado.Fast.Streams;

/// <content>What a handle shows of the stream besides reading and writing.</content>
internal sealed partial class StreamCore
{
    /// <summary>Throws unless the handle's generation is the current one. The values asked for afterwards do not change within it.</summary>
    public void EnsureCurrent(int generation)
    {
        if (Volatile.Read(ref _generation) != generation)
            ThrowStale();
    }

    public bool CanRead(int generation)
    {
        lock (_gate)
            return _generation == generation && !Has(StreamState.LocallyAborted);
    }

    public bool CanWrite(int generation)
    {
        lock (_gate)
            return _generation == generation && !Has(StreamState.WritesCompleted | StreamState.Reset);
    }

    public Task ReadsClosed(int generation)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            StreamExtras extras = _extras ??= new StreamExtras();
            if (extras.ReadsClosed is null)
            {
                extras.ReadsClosed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (AtEndLocked())
                    SignalReadsClosedLocked();
                else if (_failure is not null && !Has(StreamState.FinReceived))
                    SignalReadsClosedLocked(_failure);
            }

            return extras.ReadsClosed.Task;
        }
    }

    public Task PeerWritesClosed(int generation)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            StreamExtras extras = _extras ??= new StreamExtras();
            if (extras.PeerWritesClosed is null)
            {
                extras.PeerWritesClosed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (Has(StreamState.FinReceived))
                    StreamExtras.Signal(extras.PeerWritesClosed, null);
                else if (_failure is not null)
                    StreamExtras.Signal(extras.PeerWritesClosed, _failure);
            }

            return extras.PeerWritesClosed.Task;
        }
    }

    public Task WritesClosed(int generation)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            StreamExtras extras = _extras ??= new StreamExtras();
            if (extras.WritesClosed is null)
            {
                extras.WritesClosed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                if (Has(StreamState.FinSent))
                    StreamExtras.Signal(extras.WritesClosed, null);
                else if (_failure is not null)
                    StreamExtras.Signal(extras.WritesClosed, _failure);
            }

            return extras.WritesClosed.Task;
        }
    }
}
