using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamFacade;

public sealed class PropertyTests
{
    private SessionPair _pair = null!;

    [SetUp]
    public async Task ConnectSessions() => _pair = await SessionPair.ConnectAsync(TransportKind.Tcp);

    [TearDown]
    public async Task CloseSessions() => await _pair.DisposeAsync();

    [Test]
    public async Task Both_sides_know_id_type_and_priority_and_each_its_own_session()
    {
        var (opened, accepted) = await _pair.OpenAsync(new MuxadoStreamOptions { Priority = 5, StreamType = 7 });

        Assert.That((opened.Id, opened.StreamType, opened.Priority), Is.EqualTo((accepted.Id, 7u, 5u)));
        Assert.That((accepted.StreamType, accepted.Priority), Is.EqualTo((7u, 5u)));
        Assert.That(opened.Session, Is.SameAs(_pair.Client));
        Assert.That(accepted.Session, Is.SameAs(_pair.Server));
        Assert.That(opened.Handle.Id, Is.EqualTo(opened.Id));
    }

    [Test]
    public async Task What_can_be_done_follows_the_streams_life()
    {
        var (opened, _) = await _pair.OpenAsync();
        Assert.That((opened.CanRead, opened.CanWrite), Is.EqualTo((true, true)));

        opened.CompleteWrites();
        opened.CompleteWrites();
        Assert.That((opened.CanRead, opened.CanWrite), Is.EqualTo((true, false)));

        await opened.DisposeAsync();
        Assert.That((opened.CanRead, opened.CanWrite), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task What_the_peer_or_the_session_does_fails_a_copy_as_a_write_would_and_is_no_mistake_of_the_callers([Values] bool endsSession)
    {
        var (opened, accepted) = await _pair.OpenAsync();
        if (endsSession)
            _pair.Client.Abort();
        else
            accepted.Abort();
        await opened.WritesClosed.FailsSoon();

        Assert.That((opened.CanRead, opened.CanWrite), Is.EqualTo((true, true)));
        await Fails.With<MuxadoException>(new MemoryStream(new byte[10]).CopyToAsync(opened).WaitAsync(TimeSpan.FromSeconds(5)));
        opened.Abort();
        Assert.That((opened.CanRead, opened.CanWrite), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task A_stream_cannot_seek()
    {
        var (opened, _) = await _pair.OpenAsync();

        Assert.That(opened.CanSeek, Is.False);
        Assert.That(() => opened.Length, Throws.InstanceOf<NotSupportedException>());
        Assert.That(() => opened.Position, Throws.InstanceOf<NotSupportedException>());
        Assert.That(() => opened.Position = 0, Throws.InstanceOf<NotSupportedException>());
        Assert.That(() => opened.Seek(0, SeekOrigin.Begin), Throws.InstanceOf<NotSupportedException>());
        Assert.That(() => opened.SetLength(0), Throws.InstanceOf<NotSupportedException>());
    }

    [Test]
    public async Task The_halves_report_their_ends()
    {
        var (opened, accepted) = await _pair.OpenAsync();
        var (writes, reads) = (opened.WritesClosed, accepted.ReadsClosed);
        Assert.That((writes.IsCompleted, reads.IsCompleted), Is.EqualTo((false, false)));

        opened.CompleteWrites();
        Assert.That(await accepted.ReadAsync(new byte[1]).Soon(), Is.Zero);

        await writes.Soon();
        await reads.Soon();
        Assert.That((opened.ReadsClosed.IsCompleted, accepted.WritesClosed.IsCompleted), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task The_halves_report_a_reset_as_what_it_is()
    {
        var (opened, accepted) = await _pair.OpenAsync();
        var (writes, reads) = (accepted.WritesClosed, accepted.ReadsClosed);

        opened.Abort(MuxadoErrorCode.InternalError);

        Assert.That((await Fails.With(MuxadoError.StreamAborted, writes)).ErrorCode, Is.EqualTo(MuxadoErrorCode.InternalError));
        Assert.That((await Fails.With(MuxadoError.StreamAborted, reads)).ErrorCode, Is.EqualTo(MuxadoErrorCode.InternalError));
    }

    [Test]
    public async Task Setting_the_deadline_sets_both_and_each_can_be_set_alone()
    {
        var (opened, _) = await _pair.OpenAsync();
        var (soon, late) = (DateTimeOffset.UtcNow.AddHours(1), DateTimeOffset.UtcNow.AddHours(2));
        Assert.That((opened.ReadDeadline, opened.WriteDeadline), Is.EqualTo(((DateTimeOffset?)null, (DateTimeOffset?)null)));

        opened.SetDeadline(soon);
        Assert.That((opened.ReadDeadline, opened.WriteDeadline), Is.EqualTo(((DateTimeOffset?)soon, (DateTimeOffset?)soon)));

        opened.WriteDeadline = late;
        opened.ReadDeadline = null;
        Assert.That((opened.ReadDeadline, opened.WriteDeadline), Is.EqualTo(((DateTimeOffset?)null, (DateTimeOffset?)late)));
    }

    [Test]
    public async Task A_disposed_stream_says_so()
    {
        var (opened, _) = await _pair.OpenAsync();
        opened.Dispose();
        opened.Close();

        Assert.That(() => opened.Id, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => opened.Session, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => opened.ReadsClosed, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => opened.ReadTimeout = 1, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => opened.SetDeadline(null), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => opened.CompleteWrites(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => opened.Abort(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => opened.TryRead(new byte[1], out _), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => opened.TryWrite(new byte[1], out _), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task The_facade_costs_40_bytes()
    {
        var (opened, _) = await _pair.OpenAsync();
        var handle = opened.Handle;
        handle.AsStream(); // The first call may load types.

        var before = GC.GetAllocatedBytesForCurrentThread();
        var facade = handle.AsStream();
        var cost = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That((cost, facade.Id), Is.EqualTo((40, opened.Id)));
    }
}
