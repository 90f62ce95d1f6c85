using System.Buffers;
using Muxado.Fast.Bench.Echo;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Echoes a stream until its end, and disposes it.</summary>
internal static class EchoLoop
{
    public static async Task RunAsync(Stream stream)
    {
        await using (stream)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(EchoWorker.BufferBytes);
            int count;
            while ((count = await stream.ReadAsync(buffer)) != 0)
                await stream.WriteAsync(buffer.AsMemory(0, count));
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
