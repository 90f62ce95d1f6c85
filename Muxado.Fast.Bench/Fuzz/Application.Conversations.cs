namespace Muxado.Fast.Bench.Fuzz;

/// <content>The ways in which streams are used.</content>
internal sealed partial class Application
{
    private const int BulkBytes = 70_000; // More than a window, which nobody may enlarge.

    private static readonly byte[] s_bulk = new byte[BulkBytes];

    private Func<Conversation, Task>[] Conversations() =>
    [
        EchoAsync, ReadOnlyAsync, SendBulkAsync, SendAndReadAsync, IgnoreAsync, DisposeAsync, AbortAsync, CancelAsync, HurryAsync, PollAsync, PipeAsync, CloseInMidWriteAsync,
    ];

    private async Task EchoAsync(Conversation on)
    {
        var buffer = new byte[100];
        while (await on.ReadAsync(buffer))
        {
            if (on.Stream.CanWrite) // Not, when SYN had FIN.
                await on.Stream.WriteAsync(buffer);
        }

        on.Stream.CompleteWrites();
        on.Stream.Dispose();
    }

    private async Task ReadOnlyAsync(Conversation on)
    {
        on.Stream.CompleteWrites();
        await ReadToEndAsync(on, choices.Between(64, 70_000));
    }

    private async Task SendBulkAsync(Conversation on)
    {
        if (on.Stream.CanWrite)
            await on.Stream.WriteAsync(s_bulk, completeWrites: true);
        await ReadToEndAsync(on, 4096);
    }

    private async Task SendAndReadAsync(Conversation on)
    {
        _parts.Add(GuardAsync(ReadToEndAsync(on, 1000)));
        for (var i = 0; i < 20 && on.Stream.CanWrite; i++)
            await on.Stream.WriteAsync(s_bulk.AsMemory(0, choices.Between(5_000, 20_000)));
        on.Stream.CompleteWrites();
    }

    private static async Task IgnoreAsync(Conversation on) => await on.ReadAsync(default);

    private async Task DisposeAsync(Conversation on)
    {
        if (on.Stream.CanWrite)
            await on.Stream.WriteAsync(s_bulk.AsMemory(0, choices.Between(0, 3000)));
        await LaterAsync();
        on.Stream.Dispose();
    }

    private async Task AbortAsync(Conversation on)
    {
        _parts.Add(GuardAsync(ReadToEndAsync(on, 10)));
        await LaterAsync();
        on.Stream.Abort((MuxadoErrorCode)choices.Between(0, 7));
    }

    private async Task CancelAsync(Conversation on)
    {
        for (var i = 0; i < 3; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var reading = on.ReadAsync(new byte[50], cancellation.Token);
            await LaterAsync();
            cancellation.Cancel();
            await GuardAsync(reading);
        }

        await ReadToEndAsync(on, 50);
    }

    private async Task HurryAsync(Conversation on)
    {
        on.Stream.SetDeadline(clock.GetUtcNow() + s_aWhile);
        _parts.Add(GuardAsync(ReadToEndAsync(on, 50)));
        if (on.Stream.CanWrite)
            await on.Stream.WriteAsync(s_bulk);
    }

    private async Task PollAsync(Conversation on)
    {
        var buffer = new byte[30];
        for (var i = 0; i < 30; i++)
        {
            await LaterAsync();
            if (on.Stream.TryRead(buffer, out var count))
            {
                on.CheckRead(buffer.AsSpan(0, count));
                if (count == 0)
                {
                    on.CheckEnd();
                    break;
                }
            }

            if (on.Stream.CanWrite)
                on.Stream.TryWrite(buffer, out _);
        }
    }

    private async Task PipeAsync(Conversation on)
    {
        var pipe = on.Stream.AsDuplexPipe();
        try
        {
            while (true)
            {
                var read = await pipe.Input.ReadAsync().ConfigureAwait(false);
                var taken = read.Buffer.Slice(0, read.IsCompleted ? read.Buffer.Length : Math.Min(read.Buffer.Length, choices.Between(3, 40)));
                foreach (var piece in taken)
                    on.CheckRead(piece.Span);
                pipe.Input.AdvanceTo(taken.End, choices.OneIn(2) ? read.Buffer.End : taken.End);
                if (read.IsCompleted)
                {
                    on.CheckEnd();
                    break;
                }

                if (on.Stream.CanWrite)
                    await pipe.Output.WriteAsync(s_bulk.AsMemory(0, choices.Between(1, 6000))).ConfigureAwait(false);
            }
        }
        finally
        {
            await pipe.Input.CompleteAsync().ConfigureAwait(false);
            await pipe.Output.CompleteAsync().ConfigureAwait(false);
        }
    }

    private async Task CloseInMidWriteAsync(Conversation on)
    {
        if (on.Stream.CanWrite)
            _parts.Add(GuardAsync(on.Stream.WriteAsync(s_bulk).AsTask()));
        _parts.Add(GuardAsync(ReadToEndAsync(on, 5000)));
        await LaterAsync();
        if (choices.OneIn(2))
            on.Stream.CompleteWrites();
        else
            on.Stream.Dispose();
    }

    private static async Task ReadToEndAsync(Conversation on, int bufferBytes)
    {
        var buffer = new byte[bufferBytes];
        while (await on.ReadAsync(buffer))
        {
        }
    }
}
