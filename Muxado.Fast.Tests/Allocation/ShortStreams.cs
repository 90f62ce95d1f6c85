namespace Muxado.Fast.Tests.Allocation;

/// <summary>Streams that are opened, send 64 bytes, have them echoed, and are closed: through handles, which allocates nothing by itself.</summary>
internal static class ShortStreams
{
    private const int PayloadBytes = 64;

    /// <summary>So many streams in all, which one end opens and the other accepts, some of them side by side.</summary>
    public static Task RunAsync(Func<ValueTask<MuxadoStreamHandle>> open, MuxadoSession server, int count, int concurrently) =>
        Task.WhenAll(Enumerable.Range(0, concurrently).SelectMany(_ => new[]
        {
            OpenAsync(open, count / concurrently),
            EchoAsync(server, count / concurrently),
        }));

    /// <summary>Accepts so many streams, one after the other, and echoes each.</summary>
    public static async Task EchoAsync(MuxadoSession server, int count)
    {
        var memory = new byte[PayloadBytes];
        for (var i = 0; i < count; i++)
        {
            var stream = await server.AcceptHandleAsync();
            while (await stream.ReadAsync(memory) is > 0 and var received)
                await stream.WriteAsync(memory.AsMemory(0, received));

            stream.CompleteWrites();
            stream.Dispose();
        }
    }

    private static async Task OpenAsync(Func<ValueTask<MuxadoStreamHandle>> open, int count)
    {
        var memory = new byte[PayloadBytes];
        for (var i = 0; i < count; i++)
        {
            var stream = await open();
            await stream.WriteAsync(memory, completeWrites: true);
            while (await stream.ReadAsync(memory) > 0)
            {
                // to the end
            }

            stream.Dispose();
        }
    }
}
