using System.Buffers.Binary;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>
/// The server's <see cref="MemoryUse"/>, asked over a stream of the session that it holds streams of. A question is two numbers
/// of 8 B, big-endian: how many streams to make room for, and how many to wait for; the answer is heap and resident bytes.
/// </summary>
internal sealed class RemoteMemory(MuxadoSession session) : IAsyncDisposable
{
    public const int MessageBytes = 16;

    private readonly MuxadoStream _stream = session.OpenStream(new MuxadoStreamOptions { StreamType = (uint)StreamService.Memory });
    private readonly byte[] _message = new byte[MessageBytes];

    /// <summary>Has the server make room, then wait until it holds that many streams, then measure.</summary>
    public async Task<MemoryUse> MeasureAsync(int capacity, int heldStreams)
    {
        BinaryPrimitives.WriteInt64BigEndian(_message, capacity);
        BinaryPrimitives.WriteInt64BigEndian(_message.AsSpan(sizeof(long)), heldStreams);
        await _stream.WriteAsync(_message);
        await _stream.ReadExactlyAsync(_message);
        return new MemoryUse(BinaryPrimitives.ReadInt64BigEndian(_message), BinaryPrimitives.ReadInt64BigEndian(_message.AsSpan(sizeof(long))));
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
