using System.Text;
using Muxado.Fast.Diagnostics;
using Muxado.Fast.Framing;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Sessions;

/// <content>
/// Going away and ending. An end begins once, from any side, and takes every stream with it; then the goodbye is
/// sent, the sending side shut, the peer's last bytes drained so that no reset overtakes the goodbye, and the transport disposed.
/// </content>
internal sealed partial class SessionEngine
{
    internal static readonly StreamFailure RefusedByUs = new(
        MuxadoError.StreamRefused, "The stream was refused on this side before anyone accepted it.", MuxadoErrorCode.RefusedStream);

    /// <summary>How long the peer's last bytes are drained after our goodbye has left.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    /// <summary>How long the receiving side may take to tell why the sending side failed.</summary>
    private static readonly TimeSpan SendFailureLimit = TimeSpan.FromMilliseconds(500);

    private readonly Lock _closeGate = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource<MuxadoSessionCloseInfo> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Phase _phase;

    // What ended the session, null for an orderly end. An end is not orderly if a GOAWAY before it, of either side, told of an error: the first that did.
    private StreamFailure? _endFailure;
    private StreamFailure? _awayFailure;
    private volatile Exception? _sendError;
    private bool _inputEnded;
    private bool _sendShut;
    private MuxadoErrorCode? _localCode;
    private MuxadoErrorCode? _peerCode;
    private uint _peerLastId = uint.MaxValue;
    private byte[] _peerDebug = [];

    private enum Phase
    {
        Open,

        /// <summary>The end has begun: streams have failed, the goodbye is on its way.</summary>
        Closing,

        /// <summary>The transport is disposed and the completion set.</summary>
        Closed,
    }

    public Task<MuxadoSessionCloseInfo> Completion => _completion.Task;

    public bool IsClosing => _phase != Phase.Open;

    public void GoAway(MuxadoErrorCode code, ReadOnlySpan<byte> debug, bool onlyFirst = false)
    {
        lock (_closeGate)
        {
            if (_phase != Phase.Open || (onlyFirst && _localCode is not null))
                return;
            _localCode = code;
            NoteAwayLocked(code, "This side went away");
        }

        uint last = Streams.RefuseInbound();
        MuxadoEventSource.Log.SessionGoingAway(Number, "sent", last, (uint)code);
        Output.AppendGoAway(last, code, debug, closes: false);
        Output.Flush();
    }

    public async ValueTask ShutdownAsync(CancellationToken cancellationToken)
    {
        Streams.RefuseOpens(new StreamFailure(MuxadoError.GoingAway, "The session is shutting down on this side; open the stream on another.", IsRetrySafe: true));
        GoAway(MuxadoErrorCode.NoError, default, onlyFirst: true); // After another the peer knows already; and would take very many for an attack.
        Streams.CloseWhenIdle();
        try
        {
            await Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Abort();
            throw;
        }
    }

    public async ValueTask CloseAsync(MuxadoErrorCode code, CancellationToken cancellationToken)
    {
        BeginClose(code);
        try
        {
            await Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Finish();
            throw;
        }
    }

    public void Abort() =>
        EndNow(new StreamFailure(MuxadoError.SessionAborted, "The session was aborted on this side."), dropsBacklog: true);

    /// <summary>Shutting down, and the last stream has closed. Away from whoever closed it: that may be deep in the receive drain.</summary>
    public void OnIdle() => Scheduler.Post(new IdleClose(this));

    /// <summary>The peer broke the protocol: it is told so, and the session ends.</summary>
    public void OnViolation(MuxadoErrorCode code, string message)
    {
        var failure = new StreamFailure(MuxadoError.ProtocolViolation, message, code);
        Begin(failure, code, Encoding.UTF8.GetBytes(message), dropsBacklog: false, isClean: false);
    }

    /// <summary>A mistake of ours came to light. The session ends, the process goes on.</summary>
    public void OnInternalFailure(Exception exception)
    {
        var failure = new StreamFailure(MuxadoError.SessionAborted, $"The session failed on its own account: {exception.Message}", MuxadoErrorCode.InternalError, Cause: exception);
        Begin(failure, MuxadoErrorCode.InternalError, debug: default, dropsBacklog: false, isClean: false);
    }

    public void OnHeartbeatTimeout(TimeSpan patience)
    {
        MuxadoEventSource.Log.HeartbeatTimeout(Number, patience.TotalSeconds);
        EndNow(
            new StreamFailure(MuxadoError.HeartbeatTimeout, $"The peer sent nothing, and answered no heartbeat, for {patience.TotalSeconds:0.###} s."),
            dropsBacklog: false);
    }

    public void OnTransportFailed(Exception error)
    {
        if (IsClosing)
        {
            Finish();
            return;
        }

        EndNow(new StreamFailure(MuxadoError.TransportFailed, $"The transport failed: {error.Message}", Cause: error), dropsBacklog: false);
    }

    /// <summary>
    /// Nothing can be sent any more. A peer that has closed may have said why, in bytes that are still to be received, so the
    /// receiving side decides how the session ends; if it says nothing, this does, after a moment.
    /// </summary>
    public void OnSendFailed(Exception error)
    {
        if (IsClosing || _inputEnded)
        {
            OnTransportFailed(error);
            return;
        }

        Output.Stop();
        ResumeReceive();
        _sendError = error;
        Timer.SetEarlier(SessionAlarm.Close, SendFailureLimit);
    }

    private void OnCloseAlarm()
    {
        if (!IsClosing && _sendError is { } error)
            OnTransportFailed(error);
        else
            Finish();
    }

    /// <summary>The peer will send no more.</summary>
    public void OnEndOfInput(bool isMidFrame)
    {
        bool isGoodbyeSent;
        lock (_closeGate)
        {
            _inputEnded = true;
            isGoodbyeSent = _sendShut;
        }

        if (IsClosing)
        {
            if (isGoodbyeSent)
                Finish();
            return; // Otherwise once our goodbye has left.
        }

        if (_peerCode is not { } code || isMidFrame)
        {
            string where = isMidFrame ? "in the middle of a frame" : "without GOAWAY";
            EndNow(new StreamFailure(MuxadoError.TransportFailed, $"The peer ended the connection {where}."), dropsBacklog: false);
            return;
        }

        var failure = new StreamFailure(MuxadoError.SessionClosed, $"The peer closed the session with code {(uint)code} ({code}).", code);
        EndNow(failure, dropsBacklog: false, isClean: code == MuxadoErrorCode.NoError);
    }

    public void OnPeerGoAway(uint lastId, uint errorCode)
    {
        lock (_closeGate)
        {
            _peerCode = (MuxadoErrorCode)errorCode;
            NoteAwayLocked((MuxadoErrorCode)errorCode, "The peer went away");
        }

        _peerDebug = [];
        _peerLastId = Math.Min(_peerLastId, lastId);
        uint last = _peerLastId;
        MuxadoEventSource.Log.SessionGoingAway(Number, "received", lastId, errorCode);
        var failure = new StreamFailure(
            MuxadoError.GoingAway, $"The peer is going away and takes no new streams (code {errorCode}); open the stream on another session.", _peerCode, IsRetrySafe: true);
        Streams.RefuseOpens(failure);
        foreach ((StreamCore stream, uint id) in Streams.Snapshot(id => id > last && Streams.IsLocal(id)))
            stream.Fail(this, id, failure, detaches: false);
    }

    /// <summary>Keeps the beginning of what the peer says about its going away.</summary>
    public void OnPeerDebug(ReadOnlySpan<byte> chunk)
    {
        int kept = Math.Min(chunk.Length, Wire.MaxGoAwayDebugBytes - _peerDebug.Length);
        if (kept > 0)
            _peerDebug = [.. _peerDebug, .. chunk[..kept]];
    }

    /// <summary>The output has nothing left to send.</summary>
    public void OnOutputDrained(bool wasClosing)
    {
        ResumeReceive();
        if (!wasClosing)
            return;
        bool peerWillSee = _transport.ShutdownSend();
        bool isInputEnded;
        lock (_closeGate)
        {
            _sendShut = true;
            isInputEnded = _inputEnded;
        }

        if (isInputEnded || !peerWillSee)
            Finish(); // A transport that cannot end one direction alone has no end of the other to wait for.
        else
            Timer.SetEarlier(SessionAlarm.Close, DrainLimit);
    }

    public void ResumeReceive() => _pump.Resume();

    private void BeginClose(MuxadoErrorCode code)
    {
        var failure = new StreamFailure(MuxadoError.SessionClosed, "The session was closed on this side.", code);
        Begin(failure, code, debug: default, dropsBacklog: true, isClean: code == MuxadoErrorCode.NoError);
    }

    /// <summary>Begins the end with a goodbye. The first reason stands.</summary>
    private void Begin(StreamFailure failure, MuxadoErrorCode code, ReadOnlySpan<byte> debug, bool dropsBacklog, bool isClean)
    {
        if (!TryEnter(failure, isClean, code))
            return;
        Timer.Set(SessionAlarm.Close, Options.CloseTimeout);
        uint last = Streams.RefuseInbound();

        // What is queued leaves before the goodbye, so no stream can be said to be unsent.
        FailEverything(failure, dropsBacklog, lastSent: uint.MaxValue);
        MuxadoEventSource.Log.SessionGoingAway(Number, "sent", last, (uint)code);
        Output.AppendGoAway(last, code, debug[..Math.Min(debug.Length, Wire.MaxGoAwayDebugBytes)], closes: true);
        Output.Flush();
        if (_sendError is not null)
            Finish(); // Nothing can be sent, so there is no goodbye to wait for.
    }

    /// <summary>Ends without a word: the transport is of no use, or not wanted, any more.</summary>
    private void EndNow(StreamFailure failure, bool dropsBacklog, bool isClean = false)
    {
        if (TryEnter(failure, isClean, localCode: null))
        {
            Streams.RefuseInbound();
            Output.Stop(); // From here on nothing leaves, so that "never sent" stays true.
            FailEverything(failure, dropsBacklog, Output.LastSynHanded);
        }

        Finish();
    }

    private bool TryEnter(StreamFailure failure, bool isClean, MuxadoErrorCode? localCode)
    {
        lock (_closeGate)
        {
            if (_phase != Phase.Open)
                return false;
            _phase = Phase.Closing;
            _endFailure = isClean ? _awayFailure : failure;
            _localCode = localCode ?? _localCode;
            return true;
        }
    }

    private void FailEverything(StreamFailure failure, bool dropsBacklog, uint lastSent)
    {
        StreamFailure neverSent = failure with { IsRetrySafe = true };
        Streams.RefuseOpens(neverSent, isFinal: true);
        Backlog.End(failure, dropsBacklog);
        foreach ((StreamCore stream, uint id) in Streams.Snapshot(_ => true))
            stream.Fail(this, id, Streams.IsLocal(id) && id > lastSent ? neverSent : failure, detaches: true);
    }

    private void Finish()
    {
        lock (_closeGate)
        {
            if (_phase != Phase.Closing)
                return;
            _phase = Phase.Closed;
        }

        Output.Stop();
        _transport.Dispose();
        Timer.Dispose();
        _deadlines.End();
        _pump.PassOn();
        _owedCredit.ReturnAll(this);
        ResumeReceive(); // A pump that is paused would never find out, and keep what it holds.
        MuxadoError error = _endFailure?.Error ?? MuxadoError.None;
        NoteEnded(error, _endFailure?.Message ?? "");
        _completion.TrySetResult(new MuxadoSessionCloseInfo
        {
            Error = error,
            LocalCode = _localCode,
            PeerCode = _peerCode,
            PeerDebug = _peerDebug,
            Exception = _endFailure?.ToException(),
        });
        CancelExtensions();
    }

    private void NoteAwayLocked(MuxadoErrorCode code, string who)
    {
        if (code != MuxadoErrorCode.NoError)
            _awayFailure ??= new StreamFailure(MuxadoError.SessionClosed, $"{who} with code {(uint)code} ({code}).", code);
    }

    private void CancelExtensions()
    {
        try
        {
            _ended.Cancel();
        }
        catch (AggregateException)
        {
            // An extension's own callback threw. The session has ended; there is nobody to tell.
        }
    }

    private sealed class IdleClose(SessionEngine session) : IThreadPoolWorkItem
    {
        public void Execute() => session.BeginClose(MuxadoErrorCode.NoError);
    }
}
