using System.Net.Sockets;

namespace Muxado.Fast.Tests.Faults;

/// <summary>Reads a socket of which nobody knows how it will end.</summary>
internal static class SocketReading
{
    /// <summary>Everything that comes until the connection ends, in whatever way.</summary>
    public static async Task<byte[]> ReceiveToEndAsync(Socket peer)
    {
        using var received = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            while (await peer.ReceiveAsync(buffer) is > 0 and var count)
                received.Write(buffer, 0, count);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // A reset is an end too, and so is our own.
        }

        return received.ToArray();
    }
}
