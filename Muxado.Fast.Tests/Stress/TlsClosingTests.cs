using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Stress;

/// <summary>
/// Sessions over TLS that are closed while bytes come in, so that the goodbye of TLS meets a read that is under way. When it was
/// made beside one that took in the session tickets, which follow the handshake, the process was lost to a corrupted heap.
/// </summary>
[Category("Concurrency")]
public sealed class TlsClosingTests
{
    private const int Rounds = 150;
    private const int RoundsAtOnce = 1_000;

    [Test]
    [CancelAfter(120_000)]
    public async Task Closing_at_once_ends_in_order(CancellationToken cancellationToken)
    {
        for (var round = 0; round < RoundsAtOnce; round++)
        {
            await using var pair = await SessionPair.ConnectAsync(TransportKind.Tls);
            await CloseBothAsync(pair, cancellationToken);
        }
    }

    [Test]
    [CancelAfter(120_000)]
    public async Task Closing_amid_traffic_in_both_directions_ends_in_order(CancellationToken cancellationToken)
    {
        for (var round = 0; round < Rounds; round++)
        {
            await using var pair = await SessionPair.ConnectAsync(TransportKind.Tls);
            var streams = await pair.OpenAsync();
            Task[] traffic =
            [
                SendUntilTheEndAsync(streams.Opened), SendUntilTheEndAsync(streams.Accepted),
                ReadUntilTheEndAsync(streams.Opened), ReadUntilTheEndAsync(streams.Accepted),
            ];

            await CloseBothAsync(pair, cancellationToken);
            await Task.WhenAll(traffic).WaitAsync(cancellationToken);
        }
    }

    private static Task CloseBothAsync(SessionPair pair, CancellationToken cancellationToken) => Task.WhenAll(
        Task.Run(() => pair.Client.CloseAsync(cancellationToken: cancellationToken).AsTask(), cancellationToken),
        Task.Run(() => pair.Server.CloseAsync(cancellationToken: cancellationToken).AsTask(), cancellationToken)).WaitAsync(cancellationToken);

    private static Task SendUntilTheEndAsync(MuxadoStream stream) => Task.Run(() => UntilTheEndAsync(async () => await stream.WriteAsync(new byte[5_000])));

    private static Task ReadUntilTheEndAsync(MuxadoStream stream) => Task.Run(() => UntilTheEndAsync(async () => await stream.ReadExactlyAsync(new byte[3_000])));

    private static async Task UntilTheEndAsync(Func<Task> operation)
    {
        try
        {
            while (true)
                await operation();
        }
        catch (IOException)
        {
            // The session's end.
        }
    }
}
