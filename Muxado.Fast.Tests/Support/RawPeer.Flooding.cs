using System.Buffers.Binary;
using System.Net.Sockets;

namespace Muxado.Fast.Tests.Support;

/// <content>What a flood needs: many frames at a time, on the caller's thread, with nothing allocated.</content>
public sealed partial class RawPeer
{
    private readonly byte[] _scratch = new byte[64 * 1024];

    // The bytes in the scratch that were received and not skipped.
    private int _scratchStart;
    private int _scratchEnd;

    /// <summary>The bytes of many frames in a row, to be sent as they are. Made beforehand, so that sending them costs nothing else.</summary>
    public byte[] Flood(int count, Func<int, WireFrame[]> frames)
    {
        using var bytes = new MemoryStream();
        for (var n = 0; n < count; n++)
        {
            var some = frames(n);
            Note(some);
            foreach (var frame in some)
                bytes.Write(frame.Bytes.Span);
        }

        return bytes.ToArray();
    }

    /// <summary>Sends, and waits on this thread while the connection is full.</summary>
    public void SendNow(ReadOnlySpan<byte> bytes)
    {
        _socket.SendTimeout = (int)s_limit.TotalMilliseconds;
        while (!bytes.IsEmpty)
            bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>
    /// Receives on this thread until so many bytes of DATA have come, and forgets them and all other frames. Not to be mixed with what
    /// receives frame by frame: more may have been received than was asked for.
    /// </summary>
    public void SkipData(long payloadBytes)
    {
        _socket.ReceiveTimeout = (int)s_limit.TotalMilliseconds;
        while (payloadBytes > 0)
        {
            while (_scratchEnd - _scratchStart < WireFrame.HeaderBytes)
                FillScratch();
            var header = _scratch.AsSpan(_scratchStart, WireFrame.HeaderBytes);
            var length = WireFrame.LengthOf(header);
            if ((WireType)(header[3] & 0x1F) == WireType.Data)
                payloadBytes -= length;
            _scratchStart += WireFrame.HeaderBytes;
            Skip(length);
        }
    }

    /// <summary>Sends a beat on the peer's heartbeat and receives, as <see cref="SkipData"/> does, until the echo has come.</summary>
    public void PingNow(ReadOnlySpan<byte> beat)
    {
        SendNow(beat);
        SkipData(BinaryPrimitives.ReadUInt16BigEndian(beat));
    }

    /// <summary>Receives on this thread and forgets, until the connection ends or the peer is disposed.</summary>
    public void SkipAll()
    {
        _socket.ReceiveTimeout = 0;
        try
        {
            while (_socket.Receive(_scratch) > 0)
            {
                // to the end
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // A reset is an end too.
        }
    }

    private void Skip(int bytes)
    {
        while (bytes > 0)
        {
            if (_scratchStart == _scratchEnd)
                FillScratch();
            var skipped = Math.Min(bytes, _scratchEnd - _scratchStart);
            _scratchStart += skipped;
            bytes -= skipped;
        }
    }

    private void FillScratch()
    {
        _scratch.AsSpan(_scratchStart.._scratchEnd).CopyTo(_scratch);
        (_scratchStart, _scratchEnd) = (0, _scratchEnd - _scratchStart);
        var count = _socket.Receive(_scratch.AsSpan(_scratchEnd));
        if (count == 0)
            throw new SocketException((int)SocketError.ConnectionReset);
        _scratchEnd += count;
    }
}
