using System.Net.Sockets;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>A socket with a thread of its own, which blocks in the socket's calls. One operation at a time.</summary>
internal sealed class BlockingStream(Socket socket) : DuplexStream
{
    private readonly OwnThread _thread = new("blocking stream");

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _thread;
        return socket.Receive(buffer.Span);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _thread;
        while (!buffer.IsEmpty)
            buffer = buffer[socket.Send(buffer.Span)..];
    }

    protected override void Dispose(bool disposing)
    {
        socket.Dispose();
        _thread.Dispose();
        base.Dispose(disposing);
    }
}
