using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>Where the code after an awaited operation runs. The clocks stand still, so no timer rescues anything.</summary>
public sealed class SchedulingTests
{
    private const int MessageBytes = 8;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Echoes_are_complete_wherever_they_run([Values] MuxadoScheduling scheduling)
    {
        var options = new MuxadoSessionOptions { Scheduling = scheduling };
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp, options, options);
        var serving = ServeAsync(pair.Server);

        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => AskAsync(pair.Client))))
            .WaitAsync(s_patience);

        await pair.Client.CloseAsync();
        await serving.WaitAsync(s_patience);

        static async Task AskAsync(MuxadoSession client)
        {
            for (var i = 0; i < 100; i++)
            {
                var question = Pattern.Bytes(100 * i);
                await using var stream = client.OpenStream();
                await stream.WriteAsync(question, completeWrites: true);
                Assert.That(await Pattern.DrainAsync(stream), Is.EqualTo(question.Length));
            }
        }

        static async Task ServeAsync(MuxadoSession server)
        {
            await foreach (var stream in server.AcceptStreamsAsync())
                _ = EchoAsync(stream);
        }

        static async Task EchoAsync(MuxadoStream stream)
        {
            await using (stream)
                await stream.CopyToAsync(stream);
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task On_the_thread_pool_code_that_blocks_holds_up_no_other(CancellationToken cancellationToken)
    {
        var options = new MuxadoSessionOptions { Scheduling = MuxadoScheduling.ThreadPool, TimeProvider = new ManualTimeProvider() };
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp, serverOptions: options);
        using var gate = new ManualResetEventSlim();
        var (first, second) = (await pair.OpenAsync(), await pair.OpenAsync());
        var blocking = BlockAfterReadAsync();
        var reading = second.Accepted.ReadExactlyAsync(new byte[MessageBytes], cancellationToken).AsTask();

        // In one write to the transport, so that both arrive in one receive: the first reader blocks before the second has its turn.
        await first.Opened.WriteAsync(new byte[MessageBytes], cancellationToken);
        await second.Opened.WriteAsync(new byte[MessageBytes], cancellationToken);
        await reading.WaitAsync(cancellationToken);

        gate.Set();
        await blocking.WaitAsync(cancellationToken);

        async Task BlockAfterReadAsync()
        {
            await first.Accepted.ReadExactlyAsync(new byte[MessageBytes], cancellationToken);
            gate.Wait(cancellationToken);
        }
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task Trusted_code_runs_on_the_receiving_thread_and_is_not_rescued(CancellationToken cancellationToken)
    {
        var options = new MuxadoSessionOptions { Scheduling = MuxadoScheduling.TrustedInline };
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp, serverOptions: options);
        using var gate = new ManualResetEventSlim();
        var (first, second) = (await pair.OpenAsync(), await pair.OpenAsync());
        var isBlocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var blocking = BlockAfterReadAsync();
        var reading = second.Accepted.ReadExactlyAsync(new byte[MessageBytes], cancellationToken).AsTask();

        await first.Opened.WriteAsync(new byte[MessageBytes], cancellationToken);
        await isBlocked.Task.WaitAsync(cancellationToken);
        await second.Opened.WriteAsync(new byte[MessageBytes], cancellationToken);
        await Timing.StaysPending(reading, "The read behind code that blocks");

        gate.Set();
        await Task.WhenAll(blocking, reading).WaitAsync(cancellationToken);

        async Task BlockAfterReadAsync()
        {
            await first.Accepted.ReadExactlyAsync(new byte[MessageBytes], cancellationToken);
            isBlocked.SetResult();
            gate.Wait(cancellationToken);
        }
    }
}
