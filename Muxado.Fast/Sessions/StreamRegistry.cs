using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.ObjectPool;
using Muxado.Fast.Diagnostics;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <summary>What became of a stream that the peer opened.</summary>
internal enum Admission
{
    Admitted,

    /// <summary>Safe to retry for the peer: too many streams, or the session is going away.</summary>
    Refused,

    /// <summary>The id was not the peer's to use, or not in order.</summary>
    Illegal,
}

/// <summary>Which streams there are, which ids are used up, and how many more may come.</summary>
/// <remarks>
/// Owner: the session engine.
/// Threading: everything is guarded by <see cref="_gate"/> (T), the first of the three ordered locks. Appending a SYN happens
/// under it, because SYNs must be on the wire in the order of their ids.
/// Invariants: an id is in the table, never used, or forgotten; ids are used in increasing order on each side. A stream is in the
/// table, and an inbound one counts, until it is closed on the wire and released by the application.
/// </remarks>
internal sealed class StreamRegistry
{
    private static readonly ObjectPool<StreamCore> Cores = new DefaultObjectPool<StreamCore>(new CorePolicy(), maximumRetained: 4096);

    private readonly Lock _gate = new();
    private readonly StreamTable<StreamCore> _table = new();
    private readonly SessionEngine _session;
    private readonly SessionOutput _output;
    private readonly int _maxInbound;
    private StreamIds _ids;
    private uint _lastRemoteId;

    // The last stream of the peer that we took; what our GOAWAY names.
    private uint _lastAcceptedId;
    private int _inbound;
    private int _inboundExtension;
    private int _activeInbound;
    private int _activeOutbound;
    private long _opened;
    private long _accepted;
    private bool _refusesInbound;
    private bool _hasEnded;
    private StreamFailure? _refusesOpens;
    private TaskCompletionSource? _opensRefused;
    private bool _closesWhenIdle;

    public StreamRegistry(SessionEngine session, SessionOutput output, StreamIds ids, int maxInbound)
    {
        _session = session;
        _output = output;
        _ids = ids;
        _maxInbound = maxInbound;
    }

    /// <summary>The application's streams that are open on the wire.</summary>
    public int ActiveStreams => Volatile.Read(ref _activeInbound) + OutboundStreams;

    /// <summary>Those of them that this side opened.</summary>
    public int OutboundStreams => Volatile.Read(ref _activeOutbound);

    /// <summary>How many streams the two applications have opened here so far: ours, and the peer's that were admitted.</summary>
    public (long Opened, long Accepted) Totals
    {
        get
        {
            lock (_gate)
                return (_opened, _accepted);
        }
    }

    /// <summary>Ends when <see cref="TryOpen"/> has begun to refuse.</summary>
    public Task OpensRefused
    {
        get
        {
            lock (_gate)
            {
                if (_refusesOpens is not null)
                    return Task.CompletedTask;
                _opensRefused ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return _opensRefused.Task;
            }
        }
    }

    /// <summary>
    /// Opens a stream, unless that would be one more than <paramref name="maxOutbound"/>: then there is no <paramref name="refusal"/>
    /// either. With one, no stream can be opened any more.
    /// </summary>
    public bool TryOpen(
        MuxadoStreamOptions options, StreamState kind, int maxOutbound, [NotNullWhen(true)] out StreamCore? stream, out StreamFailure? refusal)
    {
        stream = Cores.Get();
        lock (_gate)
        {
            refusal = _refusesOpens;
            if (refusal is null && _activeOutbound < maxOutbound)
            {
                if (_ids.TryTakeNext(out uint id))
                {
                    stream.Open(_session, id, options.Priority, options.StreamType, kind);
                    AddLocked(stream);
                    _output.AppendSyn(id, options.Priority, options.StreamType);
                    return true;
                }

                refusal = Exhausted;
                RefuseOpensLocked(refusal);
            }
        }

        Cores.Return(stream);
        stream = null;
        return false;
    }

    /// <summary>Decides on a SYN of the peer. An admitted stream is in the table when this returns.</summary>
    public Admission Admit(uint id, uint priority, uint streamType, StreamState kind, out StreamCore? stream)
    {
        stream = null;
        lock (_gate)
        {
            if (!TryPassLocked(id))
                return Admission.Illegal;
            bool isExtension = (kind & StreamState.Extension) != 0;
            if (_refusesInbound || (isExtension ? _inboundExtension >= _session.Options.MaxInboundExtensionStreams : _inbound >= _maxInbound))
                return Admission.Refused;
            stream = Cores.Get();
            stream.Open(_session, id, priority, streamType, kind | StreamState.Inbound);
            AddLocked(stream);
            if (isExtension)
                _inboundExtension++;
            else
                _inbound++;
            _lastAcceptedId = id;
            return Admission.Admitted;
        }
    }

    /// <summary>A SYN that is turned away without looking at limits uses its id up all the same.</summary>
    public bool TryPass(uint id)
    {
        lock (_gate)
            return TryPassLocked(id);
    }

    /// <summary>The stream of an id, which may have ended already. Null: <paramref name="wasOpened"/> tells a forgotten stream from one that never was.</summary>
    public StreamCore? Find(uint id, out bool wasOpened)
    {
        lock (_gate)
        {
            StreamCore? stream = _table.Find(id);
            wasOpened = stream is not null || (_ids.IsLocal(id) ? _ids.WasLocallyOpened(id) : id != 1 && id <= _lastRemoteId);
            return stream;
        }
    }

    /// <summary>Describes what is wrong with a SYN that was <see cref="Admission.Illegal"/>.</summary>
    public string DescribeIllegal(uint id)
    {
        lock (_gate)
        {
            if (_ids.IsLocal(id))
                return $"frame SYN on stream {id}: id must be {(id % 2 == 0 ? "odd from a client" : "even from a server")}";
            return id == 1
                ? "frame SYN on stream 1: ids start at 3 from a client"
                : $"frame SYN on stream {id}: ids must increase, the last was {_lastRemoteId}";
        }
    }

    /// <summary>The stream has ended on the wire. It stays in the table, for the session's end to find, until it is released too.</summary>
    public void OnWireClosed(StreamCore stream)
    {
        if (MuxadoEventSource.Log.AreStreamsEnabled)
            MuxadoEventSource.Log.StreamClosed(_session.Number, stream.Id);
        bool isOutbound = !stream.IsInbound && !stream.IsExtension;
        if (!stream.IsExtension)
        {
            Interlocked.Decrement(ref CountOf(stream));
            if (Volatile.Read(ref _closesWhenIdle) && ActiveStreams == 0)
                _session.OnIdle(); // Once more than needed when the last two close at once, which is harmless.
        }

        stream.ReleaseReference(_session);
        if (isOutbound)
            _session.Watcher?.OnOutboundClosed();
    }

    /// <summary>Nobody refers to the stream any more: its place is free, and its core is the next stream's.</summary>
    public void Recycle(StreamCore stream)
    {
        lock (_gate)
        {
            _table.Remove(stream.Id);
            if (stream.IsInbound && stream.IsExtension)
                _inboundExtension--;
            else if (stream.IsInbound)
                _inbound--;
        }

        stream.Recycle();
        Cores.Return(stream);
    }

    /// <summary>After our GOAWAY: SYNs are refused. The last id that it names.</summary>
    public uint RefuseInbound()
    {
        lock (_gate)
        {
            _refusesInbound = true;
            return _lastAcceptedId;
        }
    }

    /// <summary>After the peer's GOAWAY, and when the session ends, which is final: opening fails.</summary>
    public void RefuseOpens(StreamFailure failure, bool isFinal = false)
    {
        lock (_gate)
        {
            if (_hasEnded)
                return;
            _hasEnded = isFinal;
            RefuseOpensLocked(failure);
        }
    }

    /// <summary>The open streams that a condition selects, oldest first. Cold: for going away and for the end.</summary>
    public List<(StreamCore Stream, uint Id)> Snapshot(Predicate<uint> selects)
    {
        var all = new List<StreamCore>();
        lock (_gate)
        {
            _table.CopyTo(all);
            return [.. all.Where(s => selects(s.Id)).OrderBy(s => s.Id).Select(s => (s, s.Id))];
        }
    }

    public bool IsLocal(uint id) => _ids.IsLocal(id);

    /// <summary>Has the session told, from now on, whenever the application has no stream open on the wire.</summary>
    public void CloseWhenIdle()
    {
        // A full fence, like the decrement on the other side: either that sees the flag, or this sees the last stream gone.
        Interlocked.Exchange(ref _closesWhenIdle, true);
        if (ActiveStreams == 0)
            _session.OnIdle();
    }

    /// <summary>Uses up an id of the peer's. False: it is none, or was used before.</summary>
    private bool TryPassLocked(uint id)
    {
        if (_ids.IsLocal(id) || id <= _lastRemoteId || id == 1)
            return false;
        _lastRemoteId = id;
        return true;
    }

    private void AddLocked(StreamCore stream)
    {
        _table.Add(stream.Id, stream);
        if (stream.IsExtension)
            return;
        Interlocked.Increment(ref CountOf(stream));
        if (stream.IsInbound)
            _accepted++;
        else
            _opened++;
    }

    private void RefuseOpensLocked(StreamFailure failure)
    {
        _refusesOpens = failure;
        _opensRefused?.TrySetResult();
    }

    private ref int CountOf(StreamCore stream) => ref stream.IsInbound ? ref _activeInbound : ref _activeOutbound;

    private static readonly StreamFailure Exhausted = new(
        MuxadoError.StreamsExhausted, "This side has used up its stream ids; open a new session.", IsRetrySafe: true);

    private sealed class CorePolicy : PooledObjectPolicy<StreamCore>
    {
        public override StreamCore Create() => new();

        public override bool Return(StreamCore obj) => true;
    }
}
