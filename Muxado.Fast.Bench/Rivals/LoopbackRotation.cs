using System.Net;
using System.Net.Sockets;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Connects to a server at one of its loopback addresses after the other.</summary>
/// <remarks>
/// For arms that connect for each operation. Their client closes first, in order, and so keeps the TIME_WAIT: the server never sees
/// a reset, which would cost it an exception per operation. At 10,000 connections a second one destination's ports last for 3 s of
/// the minute that TIME_WAIT takes, so connections go round the addresses.
/// </remarks>
internal sealed class LoopbackRotation(ArmServerAddress server)
{
    private int _next;

    public ValueTask<Socket> ConnectAsync(int port)
    {
        var address = LoopbackAddresses.Get((int)((uint)Interlocked.Increment(ref _next) % server.Addresses));
        return LoopbackSocket.ConnectAsync(new IPEndPoint(address, port));
    }
}
