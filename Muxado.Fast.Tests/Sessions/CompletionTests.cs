using Muxado.Fast.Tests.Support;
using Muxado.Fast.Tests.Transport;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class CompletionTests
{
    [Test]
    public async Task An_orderly_close_is_no_error_on_either_side()
    {
        await using var pair = await SessionPair.ConnectAsync();

        await pair.Client.CloseAsync().Soon();

        var atClient = await pair.Client.Completion.Soon();
        var atServer = await pair.Server.Completion.Soon();
        Assert.That((atClient.Error, atClient.LocalCode, atClient.Exception), Is.EqualTo((MuxadoError.None, MuxadoErrorCode.NoError, (Exception?)null)));
        Assert.That((atServer.Error, atServer.PeerCode, atServer.Exception), Is.EqualTo((MuxadoError.None, MuxadoErrorCode.NoError, (Exception?)null)));
    }

    [Test]
    public async Task Disposing_is_an_orderly_close()
    {
        await using var pair = await SessionPair.ConnectAsync();

        await pair.Client.DisposeAsync();

        Assert.That((await pair.Client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
        Assert.That((await pair.Server.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
    }

    [Test]
    public async Task A_close_with_an_error_code_is_an_error_that_carries_the_code_to_the_peer()
    {
        await using var pair = await SessionPair.ConnectAsync();

        await pair.Client.CloseAsync(MuxadoErrorCode.InternalError).Soon();

        var atClient = await pair.Client.Completion.Soon();
        var atServer = await pair.Server.Completion.Soon();
        Assert.That((atClient.LocalCode, atServer.PeerCode), Is.EqualTo((MuxadoErrorCode.InternalError, MuxadoErrorCode.InternalError)));
        Assert.That((atClient.Error, atServer.Error), Is.EqualTo((MuxadoError.SessionClosed, MuxadoError.SessionClosed)));
        Assert.That(atServer.Exception, Is.InstanceOf<MuxadoException>());
    }

    [Test]
    public async Task An_abort_is_an_abort_here_and_a_failed_transport_there()
    {
        await using var pair = await SessionPair.ConnectAsync();

        pair.Client.Abort();

        var atClient = await pair.Client.Completion.Soon();
        var atServer = await pair.Server.Completion.Soon();
        Assert.That((atClient.Error, atServer.Error), Is.EqualTo((MuxadoError.SessionAborted, MuxadoError.TransportFailed)));
        Assert.That(atServer.PeerCode, Is.Null);
    }

    [Test]
    public async Task An_abort_over_tcp_is_a_failed_transport_there()
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);

        pair.Client.Abort();

        Assert.That((await pair.Server.Completion.Soon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
    }

    [Test]
    public async Task A_close_after_a_failed_send_has_no_goodbye_to_wait_for()
    {
        var failed = new TaskCompletionSource();
        var reading = new TaskCompletionSource<int>();
        await using var transport = new FaultyStream
        {
            OnRead = () => new ValueTask<int>(reading.Task),
            OnWrite = () => failed.TrySetResult() ? ValueTask.FromException(new IOException("The cable is cut.")) : default,
            OnDispose = () => reading.TrySetException(new ObjectDisposedException("transport")),
        };
        // On a clock that stands still: the moment that a failed send leaves to the receiving side never passes.
        var session = MuxadoSession.CreateClient(transport, new MuxadoSessionOptions { TimeProvider = new ManualTimeProvider() });
        await failed.Task.Soon();

        await session.CloseAsync().Soon();

        Assert.That((await session.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
    }

    [Test]
    public async Task A_cut_transport_is_told_on_both_sides_with_its_exception()
    {
        var (clientEnd, serverEnd) = MemoryDuplex.CreatePair();
        await using var pair = SessionPair.Over(clientEnd, serverEnd);
        var (opened, _) = await pair.OpenAsync();
        var reading = opened.ReadAsync(new byte[10]).AsTask();

        clientEnd.Break();

        var atClient = await pair.Client.Completion.Soon();
        var atServer = await pair.Server.Completion.Soon();
        Assert.That((atClient.Error, atServer.Error), Is.EqualTo((MuxadoError.TransportFailed, MuxadoError.TransportFailed)));
        Assert.That(atClient.Exception, Is.Not.Null);
        await Fails.With(MuxadoError.TransportFailed, reading);
    }

    [Test]
    public async Task An_end_without_goodbye_is_a_failed_transport()
    {
        var (clientEnd, serverEnd) = MemoryDuplex.CreatePair();
        await using var client = MuxadoSession.CreateClient(clientEnd);

        await serverEnd.DisposeAsync();

        Assert.That((await client.Completion.Soon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
    }

    [Test]
    public async Task A_peer_that_speaks_another_protocol_is_a_violation()
    {
        var (clientEnd, serverEnd) = MemoryDuplex.CreatePair();
        await using var server = MuxadoSession.CreateServer(serverEnd);

        await clientEnd.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray()).Soon();

        var info = await server.Completion.Soon();
        Assert.That(info.Error, Is.EqualTo(MuxadoError.ProtocolViolation));
        Assert.That(info.LocalCode, Is.Not.Null.And.Not.EqualTo(MuxadoErrorCode.NoError));
    }

    [Test]
    public async Task Any_number_of_waiters_see_the_same_end_and_it_never_faults()
    {
        await using var pair = await SessionPair.ConnectAsync();
        var waiters = Enumerable.Range(0, 20).Select(_ => pair.Server.Completion).ToList();
        Assert.That(waiters.Select(waiter => waiter.IsCompleted), Is.All.False);

        pair.Client.Abort();

        var infos = await Task.WhenAll(waiters).Soon();
        Assert.That(infos.Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_session_ends_once_and_keeps_its_first_reason()
    {
        await using var pair = await SessionPair.ConnectAsync();
        pair.Client.Abort();
        var first = await pair.Client.Completion.Soon();

        await pair.Client.DisposeAsync();
        pair.Client.Abort();

        Assert.That(await pair.Client.Completion.Soon(), Is.SameAs(first));
    }
}
