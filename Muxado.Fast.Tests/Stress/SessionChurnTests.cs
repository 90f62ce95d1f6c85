using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Stress;

/// <summary>Sessions end in the middle of everything; every operation that was under way ends with them.</summary>
[Category("Concurrency")]
public sealed class SessionChurnTests
{
    private static readonly Action<SessionPair>[] s_endings =
    [
        pair => pair.Client.Abort(),
        pair => pair.Server.Abort(),
        pair => _ = pair.Client.CloseAsync(MuxadoErrorCode.InternalError).AsTask(),
        pair => _ = pair.Server.DisposeAsync().AsTask(),
        pair => _ = Task.WhenAll(pair.Client.CloseAsync().AsTask(), pair.Server.CloseAsync().AsTask()),
    ];

    [Test]
    public async Task Every_operation_ends_when_its_session_does([Values] TransportKind kind, [Range(0, 4)] int ending)
    {
        for (var round = 0; round < 5; round++)
        {
            await using var pair = await SessionPair.ConnectAsync(kind);
            var operations = new List<Task> { AcceptAsync(pair.Client), AcceptAsync(pair.Server) };
            for (var i = 0; i < 10; i++)
            {
                var opened = pair.Client.OpenStream();
                var quiet = pair.Client.OpenStream();
                operations.Add(opened.ReadAsync(new byte[100]).AsTask());
                operations.Add(opened.WriteAsync(new byte[500_000]).AsTask());
                operations.Add(Apart(() => quiet.Read(new byte[1])));
                operations.Add(pair.Server.OpenStream().WriteAsync(new byte[500_000]).AsTask());
            }

            if (round % 2 == 0)
                await Task.Delay(round);

            s_endings[ending](pair);

            foreach (var operation in operations)
                await EndsAsync(operation);

            await pair.Client.Completion.Soon();
            await pair.Server.Completion.Soon();
        }
    }

    /// <summary>On a thread of its own: what blocks must not take those from the pool that the sessions need.</summary>
    private static Task<int> Apart(Func<int> read) =>
        Task.Factory.StartNew(read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static async Task AcceptAsync(MuxadoSession session)
    {
        while (true)
        {
            await using var accepted = await session.AcceptStreamAsync();
            await Pattern.DrainAsync(accepted);
        }
    }

    private static async Task EndsAsync(Task operation)
    {
        try
        {
            await operation.Soon();
        }
        catch (MuxadoException)
        {
            // It ended with its session.
        }
    }
}
