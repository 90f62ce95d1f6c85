using System.Diagnostics.CodeAnalysis;
using Muxado.Fast.Diagnostics;
using Muxado.Fast.Primitives;
using Muxado.Fast.Streams;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Sessions;

/// <summary>
/// One session: puts the parts together and starts them. How it ends is in SessionEngine.Closing.cs, what it does for its
/// streams in SessionEngine.Host.cs.
/// </summary>
/// <remarks>
/// Owner: its MuxadoSession.
/// Threading: any thread; each part guards itself. The order of the locks is registry (T), stream (S), output (W); docs/concurrency.md names the others.
/// Invariants: it ends once, with one reason, and then every operation on it or its streams has ended or fails.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The token source is cancelled at the end and owns no handle.")]
internal sealed partial class SessionEngine : StreamHost, ITransportCallbacks, IObservedSession
{
    /// <summary>How long a SYN without a write, or a little owed credit, may wait for company.</summary>
    private static readonly TimeSpan LingerDelay = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan CreditLingerDelay = TimeSpan.FromMilliseconds(20);

    private readonly ByteTransport _transport;
    private readonly ReceivePump _pump;
    private readonly DeadlineQueue _deadlines;
    private readonly OwedCredit _owedCredit = new();
    private readonly Heartbeat _heartbeat;
    private readonly SendStall _sendStall;
    private readonly MuxadoExtension[] _extensions;
    private long _lastReceived;
    private long _bytesReceived;
    private long _reservedWindow;

    public SessionEngine(MuxadoSession facade, ByteTransport transport, bool isClient, MuxadoSessionOptions options)
    {
        Facade = facade;
        IsClient = isClient;
        Options = options;
        Scheduler = options.Scheduler;
        Blocks = options.Blocks;
        _transport = transport = SessionTaps.Apply(transport, options.FrameTap, Number, isClient, options.StrictGoAway, options.TimeProvider);
        Timer = new SessionTimer(this, options.TimeProvider);
        _startedAt = Now;
        Output = new SessionOutput(this, transport, Blocks);
        StreamIds ids = options.FirstStreamId is { } first ? new StreamIds(isClient, first) : new StreamIds(isClient);
        Streams = new StreamRegistry(this, Output, ids, options.MaxInboundStreams);
        Backlog = new AcceptQueue(this, options.AcceptBacklog);
        _deadlines = new DeadlineQueue(Timer);
        _sendStall = new SendStall(Timer, transport, options.WriteStallTimeout);
        _heartbeat = new Heartbeat(this);
        _extensions = [_heartbeat, .. options.Extensions];
        _lastReceived = Now;
        _pump = new ReceivePump(this, transport, new FrameDispatcher(this), options.StrictGoAway);
        transport.Callbacks = this;
    }

    public MuxadoSession Facade { get; }

    public bool IsClient { get; }

    /// <summary>A checked copy, which nobody changes any more.</summary>
    public MuxadoSessionOptions Options { get; }

    public WorkScheduler Scheduler { get; }

    public SessionTimer Timer { get; }

    public SessionOutput Output { get; }

    public StreamRegistry Streams { get; }

    public AcceptQueue Backlog { get; }

    /// <summary>The pool that the session belongs to, if any.</summary>
    public ISessionWatcher? Watcher { get; set; }

    public TimeSpan? RoundTripTime => _heartbeat.RoundTripTicks is > 0 and var ticks ? Timer.ToTimeSpan(ticks) : null;

    public ByteTransport Transport => _transport;

    /// <summary>When a byte came last, on the session's clock.</summary>
    public long LastReceived => Volatile.Read(ref _lastReceived);

    public bool HasUnflushed => Output.HasUnflushed;

    public bool HasUnflushedAtAGlance => Output.HasUnflushedAtAGlance;

    public bool IsControlFull => Output.IsControlFull;

    public void Start()
    {
        NoteStarted();

        // The heartbeat on the spot, so that its stream is the first; the others run foreign code. It outlives this call, and must not keep its ambient context.
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
            _ = RunExtensionAsync(_heartbeat);
        foreach (MuxadoExtension extension in Options.Extensions)
            Scheduler.Post(new ExtensionRun(this, extension));
        _pump.Start();
    }

    public MuxadoStreamHandle Open(MuxadoStreamOptions options, bool isExtension)
    {
        StreamState kind = isExtension ? StreamState.Extension : StreamState.None;
        if (!Streams.TryOpen(options, kind, int.MaxValue, out StreamCore? stream, out StreamFailure? refusal))
            throw refusal!.ToException();
        return Announce(stream, options);
    }

    /// <summary>Opens a stream of the application unless it has <paramref name="maxOutbound"/> open, or none can be opened any more.</summary>
    public bool TryOpen(MuxadoStreamOptions options, int maxOutbound, out MuxadoStreamHandle handle, out bool isRefused)
    {
        bool isOpened = Streams.TryOpen(options, StreamState.None, maxOutbound, out StreamCore? stream, out StreamFailure? refusal);
        handle = isOpened ? Announce(stream!, options) : default;
        isRefused = refusal is not null;
        return isOpened;
    }

    /// <summary>Accepts at once when it can; otherwise <paramref name="waiter"/> is what to wait for.</summary>
    public MuxadoStreamHandle Accept(CancellationToken cancellationToken, out AcceptOperation? waiter)
    {
        waiter = null;
        MuxadoStreamHandle accepted;
        while (!Backlog.TryAccept(out accepted) && (waiter = Backlog.TryWait()) is null)
        {
        }

        if (waiter is not null)
        {
            FlushBeforeWait();
            waiter.RegisterCancellation(cancellationToken);
        }

        return accepted;
    }

    public MuxadoExtension? FindExtension(uint streamType)
    {
        foreach (MuxadoExtension extension in _extensions)
        {
            if (extension.StreamType == streamType)
                return extension;
        }

        return null;
    }

    /// <summary>Hands a stream that the peer opened to its extension, away from the receive drain.</summary>
    public void ServeExtension(MuxadoExtension extension, StreamCore stream) =>
        Scheduler.Post(new ExtensionStream(this, extension, new MuxadoStreamHandle(stream, stream.Generation).AsStream()));

    public void OnReceived(in TransportResult result) => _pump.OnReceived(result);

    public void OnSent(in TransportResult result) => _pump.OnSent(result);

    public void OnBytesReceived(int bytes)
    {
        Volatile.Write(ref _lastReceived, Now);
        Volatile.Write(ref _bytesReceived, _bytesReceived + bytes); // The receive drain's alone.
    }

    public void OnSendPending() => _sendStall.OnSendPending();

    public void OnAlarm(SessionAlarm alarm)
    {
        switch (alarm)
        {
            case SessionAlarm.Rescue:
                _pump.OnRescueAlarm();
                break;
            case SessionAlarm.Linger:
                _owedCredit.ReturnAll(this);
                FlushOutput();
                break;
            case SessionAlarm.Heartbeat:
                _heartbeat.OnAlarm();
                break;
            case SessionAlarm.Deadlines:
                _deadlines.RaiseDue(this);
                break;
            case SessionAlarm.WriteStall:
                OnWriteStallAlarm();
                break;
            case SessionAlarm.PartialFrame:
                _pump.OnPartialFrameAlarm();
                break;
            case SessionAlarm.Close:
                OnCloseAlarm();
                break;
        }
    }

    private MuxadoStreamHandle Announce(StreamCore stream, MuxadoStreamOptions options)
    {
        if (MuxadoEventSource.Log.AreStreamsEnabled)
            MuxadoEventSource.Log.StreamOpened(Number, stream.Id, options.StreamType, options.Priority);
        var handle = new MuxadoStreamHandle(stream, stream.Generation);
        if (options.CompleteWrites)
            handle.CompleteWrites();
        else
            Timer.SetIfUnset(SessionAlarm.Linger, LingerDelay); // The first write or wait takes the SYN along; nothing is to wait longer than this.
        return handle;
    }

    private void OnWriteStallAlarm()
    {
        long since = Output.PendingSince;
        if (since != long.MaxValue && _sendStall.IsOver(since))
        {
            OnTransportFailed(new TimeoutException(
                $"The peer did not take what was sent to it for {_sendStall.Limit.TotalSeconds} s ({nameof(MuxadoSessionOptions.WriteStallTimeout)})."));
        }
    }

    private async Task RunExtensionAsync(MuxadoExtension extension)
    {
        try
        {
            await extension.RunAsync(new MuxadoExtensionContext(this, extension), _ended.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // An extension's own failure ends what it does, not the session it does it in.
        }
    }

    private async Task ServeExtensionAsync(MuxadoExtension extension, MuxadoStream stream)
    {
        try
        {
            await extension.OnStreamAsync(new MuxadoExtensionContext(this, extension), stream, _ended.Token).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            AbortUnlessDisposed(stream);
        }
    }

    private static void AbortUnlessDisposed(MuxadoStream stream)
    {
        try
        {
            stream.Abort(MuxadoErrorCode.InternalError);
            stream.Dispose();
        }
        catch (ObjectDisposedException)
        {
            // The extension had let go of it before it failed.
        }
    }

    private sealed class ExtensionRun(SessionEngine session, MuxadoExtension extension) : IThreadPoolWorkItem
    {
        public void Execute() => _ = session.RunExtensionAsync(extension);
    }

    private sealed class ExtensionStream(SessionEngine session, MuxadoExtension extension, MuxadoStream stream) : IThreadPoolWorkItem
    {
        public void Execute() => _ = session.ServeExtensionAsync(extension, stream);
    }
}
