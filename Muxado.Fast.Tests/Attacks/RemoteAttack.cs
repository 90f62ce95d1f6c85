using System.Net;
using System.Net.Sockets;
using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>What a client does to a server in another process: so many connections, one after the other, each with the same bytes.</summary>
public sealed class RemoteAttack
{
    private RemoteAttack(string name, int connections, IEnumerable<WireFrame> frames, bool reads = true)
    {
        Name = name;
        Connections = connections;
        using var bytes = new MemoryStream();
        foreach (var frame in frames)
            bytes.Write(frame.Bytes.Span);
        Bytes = bytes.ToArray();
        Reads = reads;
    }

    public static IReadOnlyList<RemoteAttack> All { get; } =
    [
        new("streams without data", 1, Many(20_000, id => [Frames.Syn(id)])),
        new("streams with data that never end", 3, Many(5_000, id => [Frames.Syn(id), Frames.Data(id, new byte[100])])),
        new("streams that come and go", 1, Many(20_000, id => [Frames.Syn(id), Frames.DataFin(id, "x")])),
        new("streams that are reset", 10, Many(2_000, id => [Frames.Syn(id), Frames.Rst(id, 7)])),
        new("streams with too much data", 4, Many(100, id => [Frames.Syn(id), .. Frames.Bulk(id, new byte[70_000])])),
        new("echoes that nobody reads", 5, Many(100, id => [Frames.Syn(id), Frames.WndInc(id, 1 << 30), .. Frames.Bulk(id, new byte[60_000])]), reads: false),
        new("bytes of another protocol", 100, [new WireFrame("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray())]),
        new("frames that stop in the middle", 100, [Frames.Syn(3), Frames.Raw((int)WireType.Data, 0, 3, length: 10_000, new byte[5_000])]),
    ];

    public string Name { get; }

    private int Connections { get; }

    private byte[] Bytes { get; }

    /// <summary>Whether the client takes what the server says, or goes without having looked at it.</summary>
    private bool Reads { get; }

    public async Task RunAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        for (var n = 0; n < Connections; n++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.LingerState = new LingerOption(true, 0);
            await socket.ConnectAsync(address, cancellationToken);
            if (Reads)
                await Task.WhenAll(SendAsync(socket, cancellationToken), ReadToEndAsync(socket, cancellationToken));
            else
                await SendAsync(socket, cancellationToken);
        }
    }

    public override string ToString() => Name;

    /// <summary>Ends the bytes in order, so that the server has taken all of them, or has had enough, when it ends its own.</summary>
    private async Task SendAsync(Socket socket, CancellationToken cancellationToken)
    {
        // What the server does not take within a moment, since nobody reads what it says, it never will.
        using var moment = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (!Reads)
            moment.CancelAfter(TimeSpan.FromMilliseconds(100));
        try
        {
            for (var sent = 0; sent < Bytes.Length;)
                sent += await socket.SendAsync(Bytes.AsMemory(sent), moment.Token);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The server has cut the connection.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The moment is over.
        }
    }

    private static async Task ReadToEndAsync(Socket socket, CancellationToken cancellationToken)
    {
        var memory = new byte[64 * 1024];
        try
        {
            while (await socket.ReceiveAsync(memory, cancellationToken) > 0)
            {
                // to the end
            }
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
    }

    private static IEnumerable<WireFrame> Many(int count, Func<uint, WireFrame[]> frames) =>
        Enumerable.Range(0, count).SelectMany(n => frames(3 + (2 * (uint)n)));
}
