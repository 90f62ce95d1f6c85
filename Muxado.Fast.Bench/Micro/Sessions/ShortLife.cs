using Muxado.Fast.Framing;

namespace Muxado.Fast.Bench.Micro.Sessions;

/// <summary>What a short stream does after it was opened on this side: sends 64 B and its end, gets as much back, and is disposed.</summary>
internal sealed class ShortLife(PreparedPeer peer)
{
    public const int PayloadBytes = 64;

    private readonly byte[] _request = new byte[PayloadBytes];
    private readonly byte[] _buffer = new byte[2 * PayloadBytes];
    private readonly byte[] _reply = new byte[Wire.HeaderBytes + PayloadBytes];

    /// <returns>How many bytes came back.</returns>
    public int Live(MuxadoStreamHandle stream)
    {
        Synchronously.Take(stream.WriteAsync(_request, completeWrites: true));
        FrameEncoder.WriteDataHeader(_reply, stream.Id, PayloadBytes, fin: true);
        peer.Transport.Feed(_reply);
        var total = 0;
        int count;
        while ((count = Synchronously.Take(stream.ReadAsync(_buffer))) != 0)
            total += count;
        stream.Dispose();
        return total;
    }
}
