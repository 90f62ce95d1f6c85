using System.Net;
using System.Net.Sockets;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>127.0.0.1, 127.0.0.2 and so on: Linux answers on all of them, other systems often on the first only.</summary>
internal static class LoopbackAddresses
{
    private const int Most = 32;

    private static readonly IPAddress[] s_addresses = [.. Enumerable.Range(1, Most).Select(last => new IPAddress([127, 0, 0, (byte)last]))];

    public static IPAddress Get(int index) => s_addresses[index];

    /// <summary>Listens at one free port on as many of the addresses as the system gives, at least the first.</summary>
    public static List<Socket> Listen()
    {
        var listeners = new List<Socket>();
        var port = 0;
        foreach (var address in s_addresses)
        {
            var listener = LoopbackSocket.Create();
            try
            {
                listener.Bind(new IPEndPoint(address, port));
                listener.Listen();
            }
            catch (SocketException) when (port != 0)
            {
                listener.Dispose();
                break;
            }

            port = ((IPEndPoint)listener.LocalEndPoint!).Port;
            listeners.Add(listener);
        }

        return listeners;
    }
}
