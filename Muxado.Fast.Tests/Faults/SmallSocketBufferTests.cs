using System.Net;
using System.Net.Sockets;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>Both sides say much and echo what the other one says, over sockets that hold next to nothing: nobody waits for the other forever.</summary>
public sealed class SmallSocketBufferTests
{
    private const int BufferBytes = 1024;

    // TCP_MAXSEG of Linux. The loopback's own segments of 64 KiB would not fit in such buffers, and each would wait for a timer of the system's.
    private const int MaxSegmentOption = 2;
    private const int MaxSegmentBytes = 536;

    // More than the ordinary run has time for: dotnet test ... -- 'TestRunParameters.Parameter(name="EchoMiB", value="1024")'
    private static readonly long s_length = TestContext.Parameters.Get("EchoMiB", 4L) << 20;

    [Test]
    public async Task Both_sides_say_and_echo_at_once([Values] bool overTcp)
    {
        var (clientSocket, serverSocket) = await ConnectAsync(overTcp);
        await using var client = MuxadoSession.CreateClient(clientSocket);
        await using var server = MuxadoSession.CreateServer(serverSocket);

        await Task.WhenAll(SayAndHearAsync(client), EchoAsync(server), SayAndHearAsync(server), EchoAsync(client));
    }

    private static async Task SayAndHearAsync(MuxadoSession session)
    {
        await using var stream = session.OpenStream();
        var saying = SayAsync(stream);
        Assert.That(await Pattern.VerifyToEndAsync(stream), Is.EqualTo(s_length));
        await saying;
    }

    private static async Task SayAsync(MuxadoStream stream)
    {
        await Pattern.WriteAsync(stream, s_length);
        stream.CompleteWrites();
    }

    private static async Task EchoAsync(MuxadoSession session)
    {
        await using var stream = await session.AcceptStreamAsync().Soon();
        var buffer = new byte[32 * 1024];
        while (await stream.ReadAsync(buffer).Soon() is > 0 and var count)
            await stream.WriteAsync(buffer.AsMemory(0, count)).Soon();
        stream.CompleteWrites();
    }

    private static async Task<(Socket Client, Socket Server)> ConnectAsync(bool overTcp)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            // A connection's buffers are those of its listener.
            using var listener = CreateSocket(overTcp);
            listener.Bind(overTcp ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            var client = CreateSocket(overTcp);
            var accepting = listener.AcceptAsync();
            await client.ConnectAsync(listener.LocalEndPoint!).Soon();
            return (client, await accepting.Soon());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Socket CreateSocket(bool overTcp)
    {
        var socket = overTcp
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.SendBufferSize = socket.ReceiveBufferSize = BufferBytes;
        if (overTcp && OperatingSystem.IsLinux())
            socket.SetRawSocketOption((int)ProtocolType.Tcp, MaxSegmentOption, BitConverter.GetBytes(MaxSegmentBytes));
        return socket;
    }
}
