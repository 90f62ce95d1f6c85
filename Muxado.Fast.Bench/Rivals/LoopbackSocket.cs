using System.Net;
using System.Net.Sockets;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Sockets that are set up alike in every arm: no delay, and the same congestion control.</summary>
internal static class LoopbackSocket
{
    private const int TcpProtocolLevel = 6;
    private const int TcpCongestion = 13;

    public static Socket Create()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        UseReno(socket);
        return socket;
    }

    public static async ValueTask<Socket> ConnectAsync(IPEndPoint service)
    {
        var socket = Create();
        try
        {
            await socket.ConnectAsync(service);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The name of the congestion control that <see cref="Create"/> gives a socket, or "default" where it cannot be chosen.</summary>
    public static string CongestionControl()
    {
        using var socket = Create();
        return UseReno(socket) ? "reno" : "default";
    }

    // The default may be BBR, whose pacing distorts loopback. Accepted sockets inherit it from their listener.
    private static bool UseReno(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            socket.SetRawSocketOption(TcpProtocolLevel, TcpCongestion, "reno"u8);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
