using System.Buffers;
using Muxado.Fast.Diagnostics;

namespace Muxado.Fast;

/// <summary>
/// Records frames in a pcapng file, one packet each, for Wireshark with the dissector docs/muxado.lua. The link type is USER0 (147), times
/// are in nanoseconds, and each session is an interface of its own, named "session 1, client".
/// </summary>
/// <remarks>
/// Thread-safe: any number of sessions may share one. Every frame is written as it comes, in one call to the stream, so put a
/// <see cref="BufferedStream"/> or a <see cref="FileStream"/> in front of what is slow. When the stream fails, nothing more is written to it, lest
/// a frame follow half a frame; the sessions go on. It remembers every session that it has captured, with one small entry each, for as long as
/// it lives.
/// </remarks>
public sealed class MuxadoPcapngWriter : MuxadoFrameTap, IDisposable
{
    private readonly Lock _gate = new();
    private readonly Stream _output;
    private readonly int _snapLength;
    private readonly bool _leaveOpen;
    private readonly Dictionary<long, int> _interfaces = [];
    private bool _isDisposed;
    private bool _isBroken;

    /// <summary>Begins a file.</summary>
    /// <param name="output">Where to write, from its position on.</param>
    /// <param name="snapLength">How many bytes of each frame to keep, its 8-byte header included; 0 for all.</param>
    /// <param name="leaveOpen">Whether disposal leaves the stream open.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="snapLength"/> is negative.</exception>
    /// <exception cref="ArgumentException">The stream cannot be written to.</exception>
    public MuxadoPcapngWriter(Stream output, int snapLength = 0, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfNegative(snapLength);
        if (!output.CanWrite)
            throw new ArgumentException("The stream must be writable.", nameof(output));
        _output = output;
        _snapLength = snapLength;
        _leaveOpen = leaveOpen;
        Span<byte> block = stackalloc byte[PcapngBlocks.OtherBlockBytes];
        output.Write(block[..PcapngBlocks.WriteSection(block)]);
    }

    /// <inheritdoc/>
    public override void OnFrame(in MuxadoFrame frame)
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(PcapngBlocks.PacketOverheadBytes + frame.Bytes.Length);
        try
        {
            bool isSent = frame.Direction == MuxadoFrameDirection.Sent;
            lock (_gate)
            {
                if (_isDisposed || _isBroken)
                    return;
                int bytes = PcapngBlocks.WritePacket(block, InterfaceOfLocked(frame), frame.Timestamp, isSent, frame.Bytes, _snapLength);
                WriteLocked(block.AsSpan(0, bytes));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Ends the file: flushes the stream, and disposes it unless it is to stay open. Frames that come later are ignored. Disposing again is harmless.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            try
            {
                _output.Flush();
            }
            finally
            {
                if (!_leaveOpen)
                    _output.Dispose();
            }
        }
    }

    private void WriteLocked(ReadOnlySpan<byte> block)
    {
        _isBroken = true; // Unless all of it is written.
        _output.Write(block);
        _isBroken = false;
    }

    private int InterfaceOfLocked(in MuxadoFrame frame)
    {
        if (_interfaces.TryGetValue(frame.SessionNumber, out int known))
            return known;
        Span<byte> block = stackalloc byte[PcapngBlocks.OtherBlockBytes];
        int bytes = PcapngBlocks.WriteInterface(block, $"session {frame.SessionNumber}, {(frame.IsClient ? "client" : "server")}", _snapLength);
        WriteLocked(block[..bytes]);
        int added = _interfaces.Count;
        _interfaces.Add(frame.SessionNumber, added);
        return added;
    }
}
