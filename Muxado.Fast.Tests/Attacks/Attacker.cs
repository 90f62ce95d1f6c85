using System.Buffers.Binary;
using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>Sends a flood over and over again, as fast as it is taken, and takes what comes back: on two threads of its own, which allocate nothing.</summary>
internal sealed class Attacker : IAsyncDisposable
{
    private readonly RawPeer _peer;
    private readonly byte[] _flood;
    private readonly uint _idsPerFlood;
    private readonly ManualResetEventSlim _goes = new();
    private readonly Task _sending;
    private volatile bool _isStopped;

    /// <param name="peer">Whose connection it is. Nobody else receives from it.</param>
    /// <param name="flood">Frames of a header and nothing else.</param>
    /// <param name="idsPerFlood">By how much the ids grow from one flood to the next.</param>
    public Attacker(RawPeer peer, byte[] flood, int idsPerFlood)
    {
        (_peer, _flood, _idsPerFlood) = (peer, flood, (uint)idsPerFlood);
        _ = Apart(peer.SkipAll);
        _sending = Apart(Send);
    }

    /// <summary>How many floods were sent.</summary>
    public long Floods { get; private set; }

    public void Go() => _goes.Set();

    public void Pause() => _goes.Reset();

    public async ValueTask DisposeAsync()
    {
        _isStopped = true;
        _goes.Set();
        await _sending.Soon();
        _goes.Dispose();
    }

    private static Task Apart(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void Send()
    {
        while (true)
        {
            _goes.Wait();
            if (_isStopped)
                return;
            _peer.SendNow(_flood);
            Floods++;
            for (var at = 4; _idsPerFlood != 0 && at < _flood.Length; at += WireFrame.HeaderBytes)
            {
                var id = _flood.AsSpan(at);
                BinaryPrimitives.WriteUInt32BigEndian(id, BinaryPrimitives.ReadUInt32BigEndian(id) + _idsPerFlood);
            }
        }
    }
}
