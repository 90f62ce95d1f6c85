using System.Diagnostics;
using System.Net.Sockets;

namespace Muxado.Fast.Transport;

/// <summary>
/// Looks for input for a little while before the wait is left to the system. What the system wakes is a thread that asks for events, which
/// then wakes one that handles them; a peer that answers at once is quicker than the two.
/// </summary>
/// <remarks>
/// Owner: a receive pump.
/// Threading: the thread that is about to receive; <see cref="Interrupt"/> and <see cref="GiveUp"/> from any. Its time is real time whatever the session's clock: it
/// is no timeout, only a wait of another kind.
/// Invariants: no more than half of the processors poll, so the pool has threads for other work. A peer that is not that quick is given up
/// on: then only one receive in <see cref="RetryEvery"/> is polled for, to see whether it still is not.
/// Perf: ping-pong and one operation at a time, see perf-results/experiments/busy-poll.md.
/// </remarks>
/// <param name="atMost">How long, 0 for never.</param>
/// <param name="mostPollers">How many may poll in this process while this one does.</param>
internal sealed class BusyPoll(TimeSpan atMost, int mostPollers)
{
    private const int FullConfidence = 8;
    private const int RetryEvery = 64;

    /// <summary>Pauses of the processor between two looks, which are system calls.</summary>
    private const int PausesBetweenLooks = 10;

    private static int s_pollers;

    private readonly long _atMostTicks = (long)(atMost.TotalSeconds * Stopwatch.Frequency);
    private int _confidence = FullConfidence;
    private int _skipped;
    private bool _isInterrupted;

    public BusyPoll(TimeSpan atMost)
        : this(atMost, Environment.ProcessorCount / 2)
    {
    }

    /// <summary>Whether to poll for the next receive: it has been worth its time lately, or it is time to see again.</summary>
    public bool IsWorthwhile() => _atMostTicks > 0 && mostPollers > 0 && (_confidence > 0 || ++_skipped % RetryEvery == 0);

    /// <summary>Forgets an earlier <see cref="Interrupt"/>: what it was for is about to be looked at. A full fence.</summary>
    public void Prepare() => Interlocked.Exchange(ref _isInterrupted, false);

    /// <summary>Polls no more until it proves worthwhile again. One that is lost to a wait under way only costs another wait.</summary>
    public void GiveUp() => _confidence = 0;

    /// <summary>Ends a wait at once: its thread has something else to do.</summary>
    public void Interrupt() => Volatile.Write(ref _isInterrupted, true);

    /// <summary>Returns when a receive would find something (true), or when that is no longer to be waited for.</summary>
    public bool Wait(Socket socket)
    {
        bool found = Interlocked.Increment(ref s_pollers) <= mostPollers && Look(socket);
        Interlocked.Decrement(ref s_pollers);
        return found;
    }

    private bool Look(Socket socket)
    {
        long end = Stopwatch.GetTimestamp() + _atMostTicks;
        while (!Volatile.Read(ref _isInterrupted))
        {
            if (HasInput(socket))
            {
                _confidence = Math.Min(_confidence + 1, FullConfidence);
                return true;
            }

            if (Stopwatch.GetTimestamp() >= end)
            {
                _confidence = Math.Max(_confidence - 1, 0);
                return false;
            }

            Thread.SpinWait(PausesBetweenLooks); // Not a yield: that would let the pool's own idle threads spin in our place.
        }

        return false;
    }

    private static bool HasInput(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead);
        }
        catch (Exception)
        {
            return true; // Closed or broken: the receive will tell.
        }
    }
}
