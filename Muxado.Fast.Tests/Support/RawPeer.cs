using System.Net;
using System.Net.Sockets;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Support;

/// <summary>
/// The other end of a session's connection, in the hands of a test: it sends any bytes, understands frames by itself, and
/// fails a wait after five seconds with what it waited for and what came instead.
/// </summary>
/// <remarks>
/// Credit (WND_INC) and the session's own heartbeats come whenever the session sees fit, so the <c>Expect</c> methods step over
/// them unless they ask for one; <see cref="CreditFor"/> tells the sum of the credit.
/// </remarks>
public sealed partial class RawPeer : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly List<WireFrame> _received = [];
    private readonly Dictionary<uint, long> _credit = [];
    private readonly uint _firstId;
    private uint _highestSyn;
    private uint _heartbeatId;
    private uint _sessionHeartbeatId;
    private uint _pings;

    private RawPeer(Socket socket, bool isClient)
    {
        _socket = socket;
        _firstId = isClient ? 3u : 2u;
    }

    /// <summary>Everything that came so far, in order.</summary>
    public IReadOnlyList<WireFrame> Received => _received;

    /// <summary>Whether bytes of the session wait to be received.</summary>
    public bool HasPendingBytes => _socket.Available > 0;

    /// <summary>
    /// Connects two sockets over loopback: one for the session, and one for the peer, who plays the other role. With <paramref name="outputBytes"/>
    /// the system keeps little more than this of the session's bytes for a peer that does not read.
    /// </summary>
    public static async Task<(Socket ForSession, RawPeer Peer)> ConnectAsync(bool sessionIsClient, int? outputBytes = null)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (outputBytes is { } received)
            listener.ReceiveBufferSize = received; // What it accepts inherits this.
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var forSession = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (outputBytes is { } sent)
            forSession.SendBufferSize = sent;
        await forSession.ConnectAsync(listener.LocalEndPoint!).WaitAsync(s_limit);
        var own = await listener.AcceptAsync().WaitAsync(s_limit);
        own.NoDelay = true;
        return (forSession, new RawPeer(own, !sessionIsClient));
    }

    /// <summary>Sends the frames in one TCP write.</summary>
    public async Task SendAsync(params WireFrame[] frames)
    {
        Note(frames);
        await SendBytesAsync(frames.SelectMany(frame => frame.Bytes.ToArray()).ToArray());
    }

    /// <summary>Sends each header and each payload in a TCP write of its own, as Go does.</summary>
    public async Task SendHeadersApartAsync(params WireFrame[] frames)
    {
        Note(frames);
        foreach (var frame in frames)
        {
            await SendBytesAsync(frame.Bytes[..WireFrame.HeaderBytes]);
            await Task.Yield();
            await SendBytesAsync(frame.Bytes[WireFrame.HeaderBytes..]);
        }
    }

    /// <summary>Sends the frames one byte to a TCP write.</summary>
    public async Task SendByteByByteAsync(params WireFrame[] frames)
    {
        Note(frames);
        foreach (var one in frames.SelectMany(frame => frame.Bytes.ToArray()))
            await SendBytesAsync(new[] { one });
    }

    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var sent = await _socket.SendAsync(bytes).AsTask().WaitAsync(s_limit);
            bytes = bytes[sent..];
        }
    }

    /// <summary>The next frame, whatever it is; null at the end of the bytes.</summary>
    public async Task<WireFrame?> ReceiveAsync(string awaited = "any frame")
    {
        var header = new byte[WireFrame.HeaderBytes];
        if (!await FillAsync(header, awaited, mayEnd: true))
            return null;
        var frame = new byte[WireFrame.HeaderBytes + WireFrame.LengthOf(header)];
        header.CopyTo(frame, 0);
        await FillAsync(frame.AsMemory(WireFrame.HeaderBytes), $"the payload of [{Convert.ToHexStringLower(header)}]", mayEnd: false);
        var received = new WireFrame(frame);
        _received.Add(received);
        if (received.Type == WireType.WndInc)
            _credit[received.StreamId] = CreditFor(received.StreamId) + received.PayloadWord(0);
        if (received.Equals(Frames.Heartbeat(received.StreamId)))
            _sessionHeartbeatId = received.StreamId;
        return received;
    }

    /// <summary>Reads and forgets until the session's bytes end, by a close or by a reset.</summary>
    public async Task DrainAsync()
    {
        var scratch = new byte[64 * 1024];
        try
        {
            while (await _socket.ReceiveAsync(scratch).Soon() != 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
    }

    /// <summary>Ends the peer's bytes with a TCP FIN; it still reads.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Cuts the connection with a TCP reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    private void Note(IEnumerable<WireFrame> frames)
    {
        foreach (var frame in frames.Where(frame => frame.Type == WireType.Syn))
            _highestSyn = Math.Max(_highestSyn, frame.StreamId);
    }

    private async Task<bool> FillAsync(Memory<byte> buffer, string awaited, bool mayEnd)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            int count;
            using var timeout = new CancellationTokenSource(s_limit);
            try
            {
                count = await _socket.ReceiveAsync(buffer[filled..], timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new AssertionException($"Within {s_limit.TotalSeconds} s there was no sign of {awaited}. {History()}");
            }
            catch (SocketException exception)
            {
                throw new AssertionException($"The connection broke ({exception.SocketErrorCode}) before {awaited}. {History()}");
            }
            if (count == 0 && mayEnd && filled == 0)
                return false;
            if (count == 0)
                throw new AssertionException($"The bytes ended within {awaited}. {History()}");
            filled += count;
        }
        return true;
    }
}
