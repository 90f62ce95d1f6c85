using System.Net;
using System.Net.Sockets;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>
/// A long line on one machine: relays connections to a target and hands every byte on only after a delay, each way. It has no
/// bandwidth of its own; what is under way each way is bounded, see <see cref="DelayedDirection"/>.
/// </summary>
/// <remarks>
/// Owner: a scenario.
/// Threading: dedicated threads with blocking calls, two for each direction of a connection, so that it neither waits for the
/// thread pool of the process that it runs in nor takes threads from it. It allocates next to nothing once it runs.
/// Invariants: every thread ends when the sockets of its connection are closed.
/// </remarks>
internal sealed class DelayLine : IDisposable
{
    private static readonly TimeSpan s_drainTime = TimeSpan.FromSeconds(2);

    private readonly IPEndPoint _target;
    private readonly TimeSpan _oneWayDelay;
    private readonly int _bytesUnderWay;
    private readonly Func<Socket> _createSocket;
    private readonly Socket _listener;
    private readonly Lock _gate = new();
    private readonly List<DelayedDirection> _directions = [];
    private bool _disposed;

    /// <param name="target">Where connections are relayed to.</param>
    /// <param name="oneWayDelay">What a byte takes in each direction: half the round trip.</param>
    /// <param name="bytesUnderWay">How many bytes may be unacknowledged in each direction of a connection.</param>
    /// <param name="createSocket">Makes the sockets, set up as those of the ends.</param>
    public DelayLine(IPEndPoint target, TimeSpan oneWayDelay, int bytesUnderWay, Func<Socket> createSocket)
    {
        _target = target;
        _oneWayDelay = oneWayDelay;
        _bytesUnderWay = bytesUnderWay;
        _createSocket = createSocket;
        _listener = createSocket();
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
        new Thread(Accept) { IsBackground = true, Name = "delay line: accept" }.Start();
    }

    /// <summary>Where to connect instead of the target.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Gives connections that both ends have closed the time to finish, and cuts the rest.</summary>
    public void Dispose()
    {
        DelayedDirection[] directions;
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            directions = [.. _directions];
        }

        _listener.Dispose();
        var deadline = DateTime.UtcNow + s_drainTime;
        foreach (var direction in directions)
            direction.Join(deadline - DateTime.UtcNow);
        foreach (var direction in directions)
            direction.Cut();
    }

    private void Accept()
    {
        try
        {
            while (true)
                Relay(_listener.Accept());
        }
        catch (Exception closing) when (closing is SocketException or ObjectDisposedException)
        {
            // The line is being taken down.
        }
    }

    private void Relay(Socket near)
    {
        near.NoDelay = true;
        var far = _createSocket();
        try
        {
            far.Connect(_target);
        }
        catch (SocketException)
        {
            // The dialler learns of it as of any lost connection.
            near.Dispose();
            far.Dispose();
            return;
        }

        lock (_gate)
        {
            if (_disposed)
            {
                near.Dispose();
                far.Dispose();
                return;
            }

            _directions.Add(new DelayedDirection(near, far, _oneWayDelay, _bytesUnderWay));
            _directions.Add(new DelayedDirection(far, near, _oneWayDelay, _bytesUnderWay));
        }
    }
}
