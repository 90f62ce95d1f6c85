using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>
/// Code that goes on from a read, on the session's own receiving thread, ends the stream or the session there and then, or blocks on them. It must
/// not find itself waiting for the very thread that it runs on, and nobody else may have to.
/// </summary>
[Category("Concurrency")]
[NothingUnobserved]
public sealed class ReentrantContinuationTests(TransportKind kind) : OverEachTransport(kind)
{
    private const int Exchanges = 40;

    private static readonly TimeSpan s_atOnce = TimeSpan.FromSeconds(1);

    /// <summary>Closing may take as long as it may take.</summary>
    private static readonly TimeSpan s_closed = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, Action<MuxadoStream>> s_sessionEnds = new()
    {
        ["close"] = stream => Block(stream.Session.CloseAsync().AsTask()),
        ["close with a code"] = stream => Block(stream.Session.CloseAsync(MuxadoErrorCode.InternalError).AsTask()),
        ["dispose"] = stream => Block(stream.Session.DisposeAsync().AsTask()),
        ["abort"] = stream => stream.Session.Abort(),
        ["close and abort"] = stream =>
        {
            var closing = stream.Session.CloseAsync().AsTask();
            stream.Session.Abort();
            Block(closing);
        },
    };

    private static readonly Dictionary<string, Action<MuxadoStream>> s_streamEnds = new()
    {
        ["dispose"] = stream => stream.Dispose(),
        ["abort"] = stream => stream.Abort(),
        ["complete, then dispose"] = stream =>
        {
            stream.CompleteWrites();
            stream.Dispose();
        },
        ["write, flush, dispose"] = stream =>
        {
            stream.Write(new byte[100]);
            stream.Flush();
            stream.Dispose();
        },
        ["block on a write beyond the window, whose stream is then disposed"] = stream =>
        {
            var write = stream.WriteAsync(new byte[4 * 1024 * 1024]).AsTask();
            stream.Dispose();
            Assert.That(() => Block(write), Throws.InstanceOf<ObjectDisposedException>());
        },
    };

    private static string[] SessionEnds => [.. s_sessionEnds.Keys];

    private static string[] StreamEnds => [.. s_streamEnds.Keys];

    [Test]
    [CancelAfter(30_000)]
    public async Task A_session_that_ends_in_a_reads_continuation_ends_for_everybody(
        [ValueSource(nameof(SessionEnds))] string end, [Values] bool afterAConversation, CancellationToken cancellationToken)
    {
        var (own, peers) = await OpenAsync();
        var (other, _) = await OpenAsync();
        var otherRead = other.ReadAsync(new byte[1], CancellationToken.None).AsTask();
        var accept = Pair.Client.AcceptStreamAsync(CancellationToken.None).AsTask();
        if (afterAConversation)
            await ConverseAsync(own, peers).WaitAsync(cancellationToken);

        var ended = GoOnAsync(own, s_sessionEnds[end]);
        await peers.WriteAsync(new byte[1], CancellationToken.None).AsTask().WaitAsync(cancellationToken);

        await ended.WaitAsync(s_closed, cancellationToken);
        await Fails.With<MuxadoException>(otherRead.WaitAsync(s_atOnce, cancellationToken));
        await Fails.With<MuxadoException>(accept.WaitAsync(s_atOnce, cancellationToken));
        await Pair.Client.Completion.WaitAsync(s_atOnce, cancellationToken);
        await Pair.Server.Completion.WaitAsync(s_closed, cancellationToken);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_stream_that_ends_in_a_reads_continuation_leaves_the_session_in_order(
        [ValueSource(nameof(StreamEnds))] string end, [Values] bool afterAConversation, CancellationToken cancellationToken)
    {
        var (own, peers) = await OpenAsync();
        var (other, others) = await OpenAsync();
        if (afterAConversation)
            await ConverseAsync(own, peers).WaitAsync(cancellationToken);

        var ended = GoOnAsync(own, s_streamEnds[end]);
        await peers.WriteAsync(new byte[1], CancellationToken.None).AsTask().WaitAsync(cancellationToken);

        await ended.WaitAsync(s_atOnce, cancellationToken);
        await ConverseAsync(other, others).WaitAsync(cancellationToken);
    }

    [Test]
    [CancelAfter(30_000)]
    public async Task A_reads_continuation_that_blocks_on_its_own_stream_gets_what_it_waits_for([Values] bool afterAConversation, CancellationToken cancellationToken)
    {
        const int Bytes = 3_000_000;
        var (own, peers) = await OpenAsync();
        if (afterAConversation)
            await ConverseAsync(own, peers).WaitAsync(cancellationToken);

        // Both fill the window many times over, so that credit and data have to get through meanwhile.
        var ended = GoOnAsync(own, stream =>
        {
            stream.Write(Pattern.Bytes(Bytes));
            var echo = new byte[Bytes];
            stream.ReadExactly(echo);
            Pattern.Verify(echo, 0);
        });
        await peers.WriteAsync(new byte[1], CancellationToken.None).AsTask().WaitAsync(cancellationToken);
        await Pattern.VerifyAsync(peers, Bytes).WaitAsync(cancellationToken);
        await Pattern.WriteAsync(peers, Bytes).WaitAsync(cancellationToken);

        await ended.WaitAsync(cancellationToken);
    }

    /// <summary>Goes on where the session completes the read.</summary>
    private static async Task GoOnAsync(MuxadoStream stream, Action<MuxadoStream> action)
    {
        await stream.ReadExactlyAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
        action(stream);
    }

    /// <summary>One small message at a time, for so long that the session looks for the next by itself.</summary>
    private static async Task ConverseAsync(MuxadoStream stream, MuxadoStream peers)
    {
        var echoing = Task.Run(async () =>
        {
            var message = new byte[1];
            for (var i = 0; i < Exchanges; i++)
            {
                await peers.ReadExactlyAsync(message).ConfigureAwait(false);
                await peers.WriteAsync(message).ConfigureAwait(false);
            }
        });
        var answer = new byte[1];
        for (var i = 0; i < Exchanges; i++)
        {
            await stream.WriteAsync(answer).ConfigureAwait(false);
            await stream.ReadExactlyAsync(answer).ConfigureAwait(false);
        }

        await echoing.ConfigureAwait(false);
    }

    private static void Block(Task task) => task.GetAwaiter().GetResult();
}
