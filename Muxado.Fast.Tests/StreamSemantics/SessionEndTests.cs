using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

/// <summary>Data, then the end, always; and never an end that nobody declared.</summary>
public sealed class SessionEndTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task A_finished_stream_is_readable_to_its_end_after_the_session_has_closed([Values] bool senderCloses)
    {
        var (opened, accepted) = await OpenAsync();
        await opened.WriteAsync(Pattern.Bytes(50_000), completeWrites: true).Soon();
        await WireSettles(Pair.Client);

        await (senderCloses ? Pair.Client : Pair.Server).CloseAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        await Pair.Server.Completion.Soon();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(50_000));
    }

    [Test]
    public async Task A_finished_stream_is_readable_to_its_end_after_the_peer_has_aborted_the_session()
    {
        var (opened, accepted) = await OpenAsync();
        await opened.WriteAsync(Pattern.Bytes(50_000), completeWrites: true).Soon();
        await WireSettles(Pair.Client);

        Pair.Client.Abort();
        await Pair.Server.Completion.Soon();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(50_000));
    }

    [Test]
    public async Task An_unfinished_stream_gives_its_data_and_then_an_error_and_never_an_end()
    {
        var (opened, accepted) = await OpenAsync();
        await opened.WriteAsync(Pattern.Bytes(50_000)).Soon();
        await WireSettles(Pair.Client);

        Pair.Client.Abort();
        await Pair.Server.Completion.Soon();

        await Pattern.VerifyAsync(accepted, 50_000);
        await Fails.With(MuxadoError.TransportFailed, () => accepted.ReadAsync(new byte[10]).AsTask());
    }

    [Test]
    public async Task Pending_operations_end_with_the_reason_when_the_session_ends()
    {
        var (opened, accepted) = await OpenAsync();
        var reading = opened.ReadAsync(new byte[10]).AsTask();
        var (write, _) = BlockedWrite(opened);
        var atPeer = accepted.ReadAsync(Memory<byte>.Empty).AsTask();
        await atPeer.Soon();

        Pair.Client.Abort();

        await Fails.With(MuxadoError.SessionAborted, reading);
        await Fails.With(MuxadoError.SessionAborted, write);
        await Fails.With(MuxadoError.SessionAborted, () => opened.WriteAsync(new byte[10]).AsTask());
    }

    [Test]
    public async Task Streams_may_be_disposed_after_their_session()
    {
        var (opened, accepted) = await OpenAsync();
        await accepted.WriteAsync(Pattern.Bytes(1_000)).Soon();
        await opened.ReadAsync(Memory<byte>.Empty).Soon();

        await Pair.DisposeAsync();
        await opened.DisposeAsync();
        await accepted.DisposeAsync();

        await Fails.With<ObjectDisposedException>(() => opened.ReadAsync(new byte[10]).AsTask());
    }
}
