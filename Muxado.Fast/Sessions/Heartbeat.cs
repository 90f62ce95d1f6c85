using System.Buffers.Binary;
using Muxado.Fast.Diagnostics;

namespace Muxado.Fast.Sessions;

/// <summary>
/// muxado's heartbeat: each side opens one stream of the reserved type, sends four bytes now and then, and gets them back. An
/// answer gives the round-trip time; silence, of any kind of byte, beyond interval and tolerance ends the session.
/// </summary>
/// <remarks>
/// Owner: the session engine, one for each session.
/// Threading: the echo and the answers are ordinary stream reads and writes; the alarm comes from the session's timer.
/// Invariants: unless the peer breaks the rules, neither heartbeat stream is ever reset or half-closed by us while the session lives,
/// because Go's muxado answers that by closing the session. The echo's backlog is bounded by the stream's own
/// windows, which do not grow.
/// </remarks>
internal sealed class Heartbeat : MuxadoExtension
{
    /// <summary>Go gives its heartbeat the highest priority that fits in 31 bits.</summary>
    private const uint HeartbeatPriority = 0x7FFFFFFF;

    private const int BeatBytes = 4;

    /// <summary>
    /// So many beats in a row must have brought nothing, however long the silence was. Time in which this process did not run, because it was
    /// stopped or had no processor, says nothing about the peer, whose bytes may lie unread.
    /// </summary>
    private const int MissesBeforeTimeout = 3;

    private readonly SessionEngine _session;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _patience;
    private readonly long _missesNeeded;
    private MuxadoStreamHandle _own;

    // The alarm's alone: how many alarms in a row found nothing new, and what the last one found.
    private int _misses;
    private long _lastHeard;
    private uint _lastSentId;
    private long _lastSentAt;

    // Whether the last beat has had its answer; before the first beat there is nothing to answer.
    private bool _isAnswered = true;
    private long _roundTripTicks;
    private bool _hasPeerStream;
    private bool _isBeating;

    public Heartbeat(SessionEngine session)
        : base(FirstReservedStreamType)
    {
        _session = session;
        _interval = session.Options.HeartbeatInterval;
        _patience = _interval + session.Options.HeartbeatTolerance;

        // No more than fit in the tolerance, so that they delay nothing while this process runs.
        _missesNeeded = Math.Min(MissesBeforeTimeout, session.Options.HeartbeatTolerance.Ticks / Math.Max(1, _interval.Ticks));
    }

    /// <summary>The latest round trip on the session's clock, or 0 before the first answer.</summary>
    public long RoundTripTicks => Volatile.Read(ref _roundTripTicks);

    protected internal override async Task RunAsync(MuxadoExtensionContext session, CancellationToken sessionEnded)
    {
        if (_interval == Timeout.InfiniteTimeSpan)
            return;
        _own = session.OpenStream(HeartbeatPriority).Handle;
        _session.FlushOutput();
        _isBeating = true;
        ArmNext();

        byte[] echo = new byte[BeatBytes];
        try
        {
            while (await ReadBeatAsync(echo).ConfigureAwait(false))
                OnEcho(BinaryPrimitives.ReadUInt32BigEndian(echo));
        }
        catch (IOException)
        {
            // Reset: the peer does not know heartbeats, or the session is over. Nothing can be asked of it then.
        }
        finally
        {
            _isBeating = false;
            _session.Timer.Clear(SessionAlarm.Heartbeat);

            // A peer that declines heartbeats, and then vanishes without a word, must not leave us a session for ever.
            if (!_session.IsClosing)
                _session.Transport.KeepAlive(_patience);
        }

        await EndAsync(sessionEnded).ConfigureAwait(false);
        _own.Dispose();
    }

    protected internal override async Task OnStreamAsync(MuxadoExtensionContext session, MuxadoStream stream, CancellationToken sessionEnded)
    {
        byte[] beats = new byte[64 * BeatBytes];
        while (await stream.ReadAsync(beats, CancellationToken.None).ConfigureAwait(false) is > 0 and var count)
            await stream.WriteAsync(beats.AsMemory(0, count), CancellationToken.None).ConfigureAwait(false);

        await EndAsync(sessionEnded).ConfigureAwait(false);
    }

    /// <summary>The peer opens its heartbeat. False: it has one, and gets no other. Called by the receive drain.</summary>
    public bool TryClaimPeerStream() => !_hasPeerStream && (_hasPeerStream = true);

    public void OnAlarm()
    {
        if (!_isBeating)
            return;
        long heard = _session.LastReceived;
        _misses = heard == _lastHeard ? _misses + 1 : 0;
        _lastHeard = heard;
        if (_misses >= _missesNeeded && _session.Timer.ToTimeSpan(_session.Now - heard) >= _patience)
        {
            _session.OnHeartbeatTimeout(_patience);
            return;
        }

        ArmNext(); // First: a transport that blocks holds up the beat, not the end that is due to a peer that does not answer.
        Beat();
    }

    private void Beat()
    {
        // Before it is sent: the answer may be here before this thread is.
        uint id = _lastSentId + 1;
        _lastSentAt = _session.Now;
        _isAnswered = false;
        Volatile.Write(ref _lastSentId, id);

        Span<byte> beat = stackalloc byte[BeatBytes];
        BinaryPrimitives.WriteUInt32BigEndian(beat, id);
        try
        {
            _own.TryWrite(beat, out _);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            _isBeating = false;
        }
    }

    private void OnEcho(uint id)
    {
        // Only the answer to the latest beat is timed: earlier ones tell of a time that has passed.
        if (id != Volatile.Read(ref _lastSentId) || _isAnswered)
            return;
        _isAnswered = true;
        long ticks = Math.Max(1, _session.Now - _lastSentAt);
        Volatile.Write(ref _roundTripTicks, ticks);
        SessionMeter.RecordHeartbeat(_session.IsClient, _session.Timer.ToTimeSpan(ticks));
    }

    /// <summary>
    /// The peer has half-closed a heartbeat. Disposing ours would half-close it too, so it waits for the end of the session, and goes on
    /// in the same call that ends it: not on a thread of the pool, as a cancelled delay would.
    /// </summary>
    private static async Task EndAsync(CancellationToken sessionEnded)
    {
        var ended = new TaskCompletionSource();
        _ = sessionEnded.UnsafeRegister(static ended => ((TaskCompletionSource)ended!).SetResult(), ended);
        await ended.Task.ConfigureAwait(false);
    }

    private async ValueTask<bool> ReadBeatAsync(Memory<byte> beat)
    {
        for (int filled = 0; filled < BeatBytes;)
        {
            int count = await _own.ReadAsync(beat[filled..]).ConfigureAwait(false);
            if (count == 0)
                return false;
            filled += count;
        }

        return true;
    }

    /// <summary>Up to a tenth earlier, by chance: sessions that began together must not beat together.</summary>
    private void ArmNext()
    {
        TimeSpan beat = _interval * (1 - (_session.Options.Random.NextDouble() / 10));
        TimeSpan patienceLeft = _patience - _session.Timer.ToTimeSpan(_session.Now - _session.LastReceived);
        bool endsBefore = patienceLeft > TimeSpan.Zero && patienceLeft < beat;
        _session.Timer.Set(SessionAlarm.Heartbeat, endsBefore ? patienceLeft : beat);
    }
}
