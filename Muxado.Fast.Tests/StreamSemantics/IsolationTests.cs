using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamSemantics;

/// <summary>What one stream's user does, or fails to do, never shows on another stream.</summary>
public sealed class IsolationTests(TransportKind kind) : OverEachTransport(kind)
{
    [Test]
    public async Task One_unread_stream_of_a_hundred_never_stalls_the_others()
    {
        var unread = await OpenAsync();
        var stalled = BlockedWrite(unread.Opened).Write;

        for (var i = 0; i < 99; i++)
        {
            var (opened, accepted) = await OpenAsync();
            var writing = opened.WriteAsync(Pattern.Bytes(150_000), completeWrites: true).AsTask();
            Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(150_000));
            await writing.Soon();
            await opened.DisposeAsync();
            await accepted.DisposeAsync();
        }

        Assert.That(stalled.IsCompleted, Is.False);
    }

    [Test]
    public async Task Streams_that_nobody_accepts_never_stall_the_accepted_one()
    {
        var (opened, accepted) = await OpenAsync();
        var ignored = new List<Task>();
        for (var i = 0; i < 100; i++)
            ignored.Add(BlockedWrite(Pair.Client.OpenStream()).Write);

        await PingPongAsync(opened, accepted, rounds: 50);
        await opened.WriteAsync(Pattern.Bytes(60_000), completeWrites: true).Soon();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(60_000));
        Assert.That(ignored.Select(write => write.IsCompleted), Is.All.False);
    }

    [Test]
    public async Task A_continuation_that_blocks_stalls_no_other_stream()
    {
        var blocked = await OpenAsync();
        var other = await OpenAsync();
        using var release = new ManualResetEventSlim();
        using var entered = new SemaphoreSlim(0);
        var blocking = BlockAfterReadAsync(blocked.Accepted);
        await blocked.Opened.WriteAsync(new byte[10]).Soon();
        await entered.WaitAsync().Soon();

        try
        {
            await PingPongAsync(other.Opened, other.Accepted, rounds: 100);
        }
        finally
        {
            release.Set();
        }

        Assert.That(await blocking.Soon(), Is.True, "it was let go, because the other stream went on");

        async Task<bool> BlockAfterReadAsync(MuxadoStream stream)
        {
            await stream.ReadExactlyAsync(new byte[10]);
            entered.Release();
            return release.Wait(TimeSpan.FromSeconds(20));
        }
    }

    [Test]
    public async Task Continuations_that_block_never_hold_up_data_that_came_with_theirs()
    {
        // Twenty readers wait; their data leaves in one go, so it may well arrive in one receive. Each one blocks until the
        // last has its data: whoever runs them one after the other on a single thread never gets there.
        const int Readers = 20;
        var streams = new List<StreamPair>();
        for (var i = 0; i < Readers; i++)
            streams.Add(await OpenAsync());

        ThreadPool.GetMinThreads(out var workers, out var completionPorts);
        ThreadPool.SetMinThreads(Readers + 10, completionPorts);
        try
        {
            using var together = new CountdownEvent(Readers);
            var reading = streams.ConvertAll(pair => ReadAndMeetAsync(pair.Accepted, together));
            foreach (var (opened, _) in streams)
                await opened.WriteAsync(new byte[10]).Soon();

            Assert.That(await Task.WhenAll(reading).Soon(), Is.All.True);
        }
        finally
        {
            ThreadPool.SetMinThreads(workers, completionPorts);
        }

        static async Task<bool> ReadAndMeetAsync(MuxadoStream stream, CountdownEvent together)
        {
            await stream.ReadExactlyAsync(new byte[10]);
            together.Signal();
            return together.Wait(TimeSpan.FromSeconds(4));
        }
    }

    [Test]
    public async Task A_continuation_may_close_its_own_session()
    {
        var (opened, accepted) = await OpenAsync();
        var closing = CloseAfterReadAsync();

        await opened.WriteAsync(new byte[10]).Soon();

        await closing.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.That((await Pair.Server.Completion.Soon()).Error, Is.EqualTo(MuxadoError.None));
        await Pair.Client.Completion.Soon();

        async Task CloseAfterReadAsync()
        {
            await accepted.ReadExactlyAsync(new byte[10]);
            await Pair.Server.CloseAsync();
        }
    }

    [Test]
    public async Task A_continuation_may_close_its_session_and_wait_for_it_synchronously()
    {
        var (opened, accepted) = await OpenAsync();
        var closing = CloseAfterReadAsync();

        await opened.WriteAsync(new byte[10]).Soon();

        await closing.WaitAsync(TimeSpan.FromSeconds(10));
        await Pair.Server.Completion.Soon();

        async Task CloseAfterReadAsync()
        {
            await accepted.ReadExactlyAsync(new byte[10]);
            Pair.Server.CloseAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    [Test]
    public async Task A_continuation_that_throws_harms_only_its_own_task()
    {
        var throwing = await OpenAsync();
        var other = await OpenAsync();
        var failed = ThrowAfterReadAsync(throwing.Accepted);

        await throwing.Opened.WriteAsync(new byte[10]).Soon();
        await Fails.With<FormatException>(failed);

        await PingPongAsync(other.Opened, other.Accepted, rounds: 10);

        static async Task ThrowAfterReadAsync(MuxadoStream stream)
        {
            await stream.ReadExactlyAsync(new byte[10]);
            throw new FormatException("user code fails");
        }
    }

    private static async Task PingPongAsync(MuxadoStream one, MuxadoStream other, int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            await one.WriteAsync(Pattern.Bytes(64, i)).Soon();
            await Pattern.VerifyAsync(other, 64, i);
            await other.WriteAsync(Pattern.Bytes(64, -i)).Soon();
            await Pattern.VerifyAsync(one, 64, -i);
        }
    }
}
