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

    /// <summary>The session of a handle's stream.</summary>
    public StreamHost HostOf(int generation)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            return _host;
        }
    }

    public bool CanRead(int generation)
    {
        lock (_gate)
            return _generation == generation && !Has(StreamState.LocallyAborted);
    }

    public bool CanWrite(int generation)
    {
        lock (_gate)
            return _generation == generation && !Has(StreamState.WritesCompleted | StreamState.LocallyAborted);
    }

    /// <summary>Whether nothing that is written now would be sent, for whatever reason.</summary>
    public bool AreWritesOver(int generation)
    {
        lock (_gate)
            return _generation != generation || Has(StreamState.WritesCompleted | StreamState.Reset);
    }

    public Task ReadsClosed(int generation)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            _extras ??= new StreamExtras();
            bool isReadable = Has(StreamState.FinReceived) && !Has(StreamState.LocallyAborted);
            return StreamExtras.Watch(ref _extras.ReadsClosed, AtEndLocked(), isReadable ? null : _failure);
        }
    }

    public Task PeerWritesClosed(int generation)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            _extras ??= new StreamExtras();
            return StreamExtras.Watch(ref _extras.PeerWritesClosed, Has(StreamState.FinReceived), _failure);
        }
    }

    public Task WritesClosed(int generation)
    {
        lock (_gate)
        {
            EnsureCurrentLocked(generation);
            _extras ??= new StreamExtras();
            return StreamExtras.Watch(ref _extras.WritesClosed, Has(StreamState.FinSent), _failure);
        }
    }
}
