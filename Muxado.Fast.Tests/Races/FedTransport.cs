using System.Runtime.InteropServices;
using Muxado.Fast.Tests.Support;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Tests.Races;

/// <summary>
/// A transport without a peer: the test feeds it frames, and the session handles them on the feeding thread. So a frame races with a call as
/// closely as two calls do. What is sent is taken at once, in parts, or in the transport's own time, as chance has it.
/// </summary>
/// <remarks>Owner: a session. Threading: any thread feeds; what has no receive to go to waits for the next.</remarks>
internal sealed class FedTransport(int seed) : ByteTransport, IRacePeer
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);
    private readonly List<byte> _inbox = [];
    private Memory<byte>? _receiving;
    private Exception? _error;
    private bool _isEnded;
    private int _heartbeats;

    /// <summary>Whether it is full for a moment now and then, which takes a send to another thread.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Whether the peer answers a goodbye by ending its bytes too.</summary>
    public bool AnswersGoodbye { get; set; } = true;

    public bool IsSendShut { get; private set; }

    public SentFrames Sent { get; } = new();

    public override bool CanSendWithoutCopy => true;

    public void Send(WireFrame frame)
    {
        TransportResult result;
        lock (_gate)
        {
            if (_error is not null || _isEnded)
                return;
            _inbox.AddRange(frame.Bytes.Span);
            if (!TryEndReceiveLocked(out result))
                return;
        }

        Callbacks.OnReceived(result);
    }

    public void End() => EndWith(null);

    public void Cut() => EndWith(new IOException("The connection was cut."));

    public Task DrainAsync() => Task.CompletedTask;

    /// <summary>
    /// Returns when everything has come that the session had handed over before: some of it may be on its way by another thread, whose flush is
    /// under way. The echo of a heartbeat comes behind it all. For a client, to which the peer opens no other stream.
    /// </summary>
    public async Task SettleAsync()
    {
        const uint HeartbeatId = 2;
        if (_heartbeats++ == 0)
        {
            Send(Frames.Heartbeat(HeartbeatId));
            Send(Frames.WndInc(HeartbeatId, RaceAction.Credit));
        }

        Send(Frames.Data(HeartbeatId, [SentFrames.Content, SentFrames.Content, SentFrames.Content, SentFrames.Content]));
        await Timing.Until(() => Sent.DataBytes(HeartbeatId) == sizeof(uint) * _heartbeats, "what was sent has come");
    }

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        lock (_gate)
        {
            _receiving = buffer;
            return TryEndReceiveLocked(out result);
        }
    }

    public override int TrySend(ReadOnlySpan<byte> bytes)
    {
        var taken = Math.Min(bytes.Length, Room());
        Take(bytes[..taken]);
        return taken;
    }

    public override int TrySend(IList<ArraySegment<byte>> segments)
    {
        var room = Room();
        var taken = 0;
        for (var i = 0; i < segments.Count && taken < room; i++)
        {
            var part = Math.Min(segments[i].Count, room - taken);
            Take(segments[i].AsSpan(0, part));
            taken += part;
        }

        return taken;
    }

    public override bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        if (!IsSlow || _random.Next(2) == 0)
        {
            result = Finish(bytes);
            return true;
        }

        result = default;
        ThreadPool.UnsafeQueueUserWorkItem(_ => Callbacks.OnSent(Finish(bytes)), null);
        return false;
    }

    public override bool ShutdownSend()
    {
        Sent.Shut();
        bool isAnswered;
        lock (_gate)
        {
            IsSendShut = true;
            isAnswered = AnswersGoodbye;
        }

        if (isAnswered)
            ThreadPool.UnsafeQueueUserWorkItem(_ => End(), null);
        return true;
    }

    public override void Dispose()
    {
        TransportResult result;
        lock (_gate)
        {
            _error ??= new ObjectDisposedException(nameof(FedTransport));
            if (!TryEndReceiveLocked(out result))
                return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(_ => Callbacks.OnReceived(result), null);
    }

    private void EndWith(Exception? error)
    {
        TransportResult result;
        lock (_gate)
        {
            _isEnded = true;
            _error ??= error;
            if (!TryEndReceiveLocked(out result))
                return;
        }

        Callbacks.OnReceived(result);
    }

    private bool TryEndReceiveLocked(out TransportResult result)
    {
        result = default;
        if (_receiving is not { } buffer || (_inbox.Count == 0 && _error is null && !_isEnded))
            return false;
        _receiving = null;
        if (_error is not null)
        {
            result = new TransportResult(0, _error);
            return true;
        }

        var count = Math.Min(buffer.Length, _inbox.Count);
        CollectionsMarshal.AsSpan(_inbox)[..count].CopyTo(buffer.Span);
        _inbox.RemoveRange(0, count);
        result = new TransportResult(count);
        return true;
    }

    private TransportResult Finish(ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            if (_error is not null)
                return new TransportResult(0, _error);
        }

        Take(bytes.Span);
        return new TransportResult(bytes.Length);
    }

    private int Room()
    {
        lock (_gate)
        {
            if (_error is not null)
                return 0;
        }

        return IsSlow && _random.Next(3) == 0 ? _random.Next(20_000) : int.MaxValue;
    }

    /// <summary>Looks at the bytes when a moment has passed: the memory must still be the session's then.</summary>
    private void Take(ReadOnlySpan<byte> bytes)
    {
        if (IsSlow)
            Thread.SpinWait(_random.Next(20));
        Sent.Add(bytes);
    }
}
