using System.Runtime.CompilerServices;
using Muxado.Fast.Bench.Scenarios;

namespace Muxado.Fast.Bench.Load;

/// <summary>One operation of a load: a stream is opened, written, half-closed and read to its FIN; every byte is checked.</summary>
internal static class EchoOperation
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public static async ValueTask RunAsync(MuxadoSession session, long number, long sizeBytes, byte[] buffer, LoadProgress progress)
    {
        var stream = session.OpenHandle();
        try
        {
            if (sizeBytes <= Payload.MaxPieceBytes)
            {
                // It fits the first window of both directions, so writing it all before reading cannot deadlock.
                await stream.WriteAsync(Payload.Piece(number, 0, (int)sizeBytes), completeWrites: true);
                await ReadBackAsync(stream, number, sizeBytes, buffer, progress);
            }
            else
            {
                await Task.WhenAll(
                    WritePiecesAsync(stream, number, sizeBytes),
                    ReadBackOrAbortAsync(stream, number, sizeBytes, buffer, progress));
            }
        }
        finally
        {
            stream.Dispose();
        }
    }

    private static async Task WritePiecesAsync(MuxadoStreamHandle stream, long number, long sizeBytes)
    {
        try
        {
            for (long offset = 0; offset < sizeBytes;)
            {
                var length = (int)Math.Min(Payload.MaxPieceBytes, sizeBytes - offset);
                var last = offset + length == sizeBytes;
                await stream.WriteAsync(Payload.Piece(number, offset, length), completeWrites: last);
                offset += length;
            }
        }
        catch
        {
            stream.Abort();
            throw;
        }
    }

    // When one direction fails, the other must not wait for ever.
    private static async Task ReadBackOrAbortAsync(
        MuxadoStreamHandle stream, long number, long sizeBytes, byte[] buffer, LoadProgress progress)
    {
        try
        {
            await ReadBackAsync(stream, number, sizeBytes, buffer, progress);
        }
        catch
        {
            stream.Abort();
            throw;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask ReadBackAsync(
        MuxadoStreamHandle stream, long number, long sizeBytes, byte[] buffer, LoadProgress progress)
    {
        long offset = 0;
        int count;
        while ((count = await stream.ReadAsync(buffer)) != 0)
        {
            progress.Mark();
            if (offset + count > sizeBytes || !Payload.Matches(buffer.AsSpan(0, count), number, offset))
                throw new InvalidDataException($"operation {number}: the echo differs from what was sent, within {count} bytes at offset {offset} of {sizeBytes}");
            offset += count;
        }

        if (offset != sizeBytes)
            throw new InvalidDataException($"operation {number}: the echo ended after {offset} of {sizeBytes} bytes");
    }
}
