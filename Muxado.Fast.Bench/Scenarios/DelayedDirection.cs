using System.Diagnostics;
using System.Net.Sockets;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>One direction of a connection through a <see cref="DelayLine"/>: reads, and writes the same bytes a fixed time later.</summary>
/// <remarks>
/// Both hops are on this machine, so the sender's TCP sees a round trip of microseconds and would never have to wait for an
/// acknowledgement. On a real line it does: what it has sent stays its burden for a whole round trip, and its buffers bound how
/// much that may be. So a byte counts as under way from when it is read until one delay after it was handed on, when the
/// acknowledgement would be back, and at the bound nothing more is read: the sender is held up by its full socket. The rate is
/// bounded by bytes under way / round trip, for whoever sends.
/// Owner: its line.
/// Threading: one thread reads, one writes; the queues are guarded by <see cref="_gate"/>, and the bytes belong to the reader until
/// they are queued and to the writer until they are handed on.
/// Invariants: free + queued to be handed on + handed on and unacknowledged == the ring's length.
/// </remarks>
internal sealed class DelayedDirection
{
    private const int MaxPieceBytes = 256 * 1024;

    private readonly Socket _from;
    private readonly Socket _to;
    private readonly long _delayTicks;
    private readonly byte[] _ring;
    private readonly object _gate = new();
    private readonly Queue<(long Due, int Count)> _underWay = new();
    private readonly Queue<(long Due, int Count)> _unacknowledged = new();
    private readonly Thread _reader;
    private readonly Thread _writer;
    private int _freeBytes;
    private bool _cut;

    public DelayedDirection(Socket from, Socket to, TimeSpan delay, int bytesUnderWay)
    {
        _from = from;
        _to = to;
        _delayTicks = (long)(delay.TotalSeconds * Stopwatch.Frequency);
        _ring = GC.AllocateUninitializedArray<byte>(bytesUnderWay);
        _freeBytes = bytesUnderWay;
        _reader = Start(ReadAll, "delay line: read");
        _writer = Start(WriteAll, "delay line: write");
    }

    /// <summary>Waits until the end of the stream has been handed on, or the connection was cut.</summary>
    public void Join(TimeSpan limit)
    {
        var start = Stopwatch.GetTimestamp();
        if (limit > TimeSpan.Zero && _reader.Join(limit) && limit > Stopwatch.GetElapsedTime(start))
            _writer.Join(limit - Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Closes both sockets, which ends the opposite direction too.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _cut = true;
            Monitor.PulseAll(_gate);
        }

        _from.Dispose();
        _to.Dispose();
    }

    private static Thread Start(Action run, string name)
    {
        var thread = new Thread(() => run()) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    private void ReadAll()
    {
        try
        {
            var position = 0;
            while (WaitForRoom() is var room && room > 0)
            {
                var count = _from.Receive(_ring.AsSpan(position, Math.Min(Math.Min(room, MaxPieceBytes), _ring.Length - position)));
                lock (_gate)
                {
                    _freeBytes -= count;
                    _underWay.Enqueue((Stopwatch.GetTimestamp() + _delayTicks, count));
                    Monitor.PulseAll(_gate);
                }

                if (count == 0)
                    return;
                position = (position + count) % _ring.Length;
            }
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            Cut();
        }
    }

    private void WriteAll()
    {
        try
        {
            var position = 0;
            while (WaitForDue() is { } count)
            {
                if (count == 0)
                {
                    _to.Shutdown(SocketShutdown.Send);
                    return;
                }

                for (var sent = 0; sent < count;)
                    sent += _to.Send(_ring.AsSpan(position + sent, count - sent));
                position = (position + count) % _ring.Length;
                lock (_gate)
                {
                    _unacknowledged.Enqueue((Stopwatch.GetTimestamp() + _delayTicks, count));
                    Monitor.PulseAll(_gate);
                }
            }
        }
        catch (Exception broken) when (broken is SocketException or ObjectDisposedException)
        {
            Cut();
        }
    }

    /// <summary>How much may be read, once that is something; 0 when the connection was cut.</summary>
    private int WaitForRoom()
    {
        lock (_gate)
        {
            while (!_cut)
            {
                var now = Stopwatch.GetTimestamp();
                while (_unacknowledged.TryPeek(out var acknowledged) && acknowledged.Due <= now)
                    _freeBytes += _unacknowledged.Dequeue().Count;
                if (_freeBytes > 0)
                    return _freeBytes;
                Wait(_unacknowledged, now);
            }

            return 0;
        }
    }

    /// <summary>How many bytes are to be handed on now, 0 at the end of the stream; null when the connection was cut.</summary>
    private int? WaitForDue()
    {
        lock (_gate)
        {
            while (!_cut)
            {
                var now = Stopwatch.GetTimestamp();
                if (_underWay.TryPeek(out var next) && next.Due <= now)
                    return _underWay.Dequeue().Count;
                Wait(_underWay, now);
            }

            return null;
        }
    }

    // Until the head of the queue is due, or something changes. A whole millisecond at least: it never spins on a busy machine.
    private void Wait(Queue<(long Due, int Count)> queue, long now)
    {
        if (queue.TryPeek(out var head))
            Monitor.Wait(_gate, Math.Max(1, (int)((head.Due - now) * 1000 / Stopwatch.Frequency)));
        else
            Monitor.Wait(_gate);
    }
}
