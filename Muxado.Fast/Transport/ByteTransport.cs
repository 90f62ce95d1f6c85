using System.Net;

namespace Muxado.Fast.Transport;

/// <summary>
/// A full-duplex byte pipe as the session drives it: one receive and one send under way at most, each of which either
/// completes on the spot or calls back later, from any thread.
/// </summary>
/// <remarks>
/// Owner: one session, which disposes it.
/// Threading: receive and send may run at the same time; two of the same kind may not. <see cref="ShutdownSend"/> is called with
/// no send under way, <see cref="IDisposable.Dispose"/> at any time, any number of times; it makes pending operations end soon.
/// Invariants: an operation that returned false calls its callback exactly once; one that returned true never does. Failure is
/// a value (<see cref="TransportResult.Error"/>), no member throws for a network condition.
/// </remarks>
internal abstract class ByteTransport : IDisposable
{
    /// <summary>Who is called back. Set once by the session before the first operation.</summary>
    public ITransportCallbacks Callbacks { get; set; } = null!;

    /// <summary>Whether <see cref="TrySend(ReadOnlySpan{byte})"/> can ever take a byte, so that gathering callers' memory makes sense.</summary>
    public abstract bool CanSendWithoutCopy { get; }

    public virtual EndPoint? LocalEndPoint => null;

    public virtual EndPoint? RemoteEndPoint => null;

    /// <summary>How many bytes the peer's system has acknowledged so far; always 0 where ours does not tell.</summary>
    public virtual long AcknowledgedBytes => 0;

    /// <summary>Receives into <paramref name="buffer"/>. True: done, see <paramref name="result"/>. False: <see cref="ITransportCallbacks.OnReceived"/> follows.</summary>
    public abstract bool Receive(Memory<byte> buffer, out TransportResult result);

    /// <summary>Whether <see cref="PollAtNextReceive"/> does anything.</summary>
    public virtual bool CanPoll => false;

    /// <summary>The caller of the next <see cref="Receive"/> has nothing else to do: that call may poll before it leaves the wait to the system.</summary>
    public virtual void PollAtNextReceive(BusyPoll poll)
    {
    }

    /// <summary>Sends what the transport takes at once, never waiting and never keeping the memory. Returns the count, maybe 0; an error shows at the next <see cref="Send"/>.</summary>
    public abstract int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>The same for up to a handful of segments in one system call.</summary>
    public abstract int TrySend(IList<ArraySegment<byte>> segments);

    /// <summary>Sends all of <paramref name="bytes"/>, which stay untouched until done. True: done. False: <see cref="ITransportCallbacks.OnSent"/> follows.</summary>
    public abstract bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result);

    /// <summary>Has the system look for the peer's host now and then, and end the connection about so long after that is gone. Without TCP beneath it does nothing.</summary>
    public virtual void KeepAlive(TimeSpan patience)
    {
    }

    /// <summary>Tells the peer that no more bytes will come; receiving goes on. False: the transport cannot, and only disposing it tells.</summary>
    public abstract bool ShutdownSend();

    public abstract void Dispose();
}

/// <summary>How a transport operation ended: a count (0 received bytes means the end), or an error.</summary>
internal readonly record struct TransportResult(int Bytes, Exception? Error = null);

/// <summary>The session's side of <see cref="ByteTransport"/>.</summary>
internal interface ITransportCallbacks
{
    void OnReceived(in TransportResult result);

    void OnSent(in TransportResult result);
}
