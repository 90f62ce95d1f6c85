using Muxado.Fast.Tests.Support;
using Muxado.Fast.Transport;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Transport;

public sealed class FaultyStreamTests
{
    private static readonly IOException s_fault = new("made up");

    [Test]
    public async Task A_stream_that_throws_at_the_call_gives_an_error()
    {
        using var end = Over(new FaultyStream { OnRead = () => throw s_fault, OnWrite = () => throw s_fault });

        Assert.That((await end.ReceiveAsync(new byte[10]).Soon()).Error, Is.SameAs(s_fault));
        Assert.That((await end.SendAsync(new byte[10]).Soon()).Error, Is.SameAs(s_fault));
    }

    [Test]
    public async Task A_stream_whose_tasks_have_faulted_gives_an_error()
    {
        using var end = Over(new FaultyStream
        {
            OnRead = () => ValueTask.FromException<int>(s_fault),
            OnWrite = () => ValueTask.FromException(s_fault),
        });

        Assert.That((await end.ReceiveAsync(new byte[10]).Soon()).Error, Is.SameAs(s_fault));
        Assert.That((await end.SendAsync(new byte[10]).Soon()).Error, Is.SameAs(s_fault));
    }

    [Test]
    public async Task A_stream_whose_tasks_fault_later_gives_an_error_later()
    {
        var (read, write) = (new TaskCompletionSource<int>(), new TaskCompletionSource());
        using var end = Over(new FaultyStream { OnRead = () => new(read.Task), OnWrite = () => new(write.Task) });
        var receiving = end.ReceiveAsync(new byte[10]);
        var sending = end.SendAsync(new byte[10]);
        Assert.That((receiving.IsCompleted, sending.IsCompleted), Is.EqualTo((false, false)));

        read.SetException(s_fault);
        write.SetException(s_fault);

        Assert.That((await receiving.Soon()).Error, Is.SameAs(s_fault));
        Assert.That((await sending.Soon()).Error, Is.SameAs(s_fault));
    }

    [Test]
    public async Task A_send_ends_only_when_its_flush_has_ended([Values] bool isFaulted)
    {
        var (write, flush) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var end = Over(new FaultyStream { OnWrite = () => new(write.Task), OnFlush = () => flush.Task });
        var sending = end.SendAsync(new byte[10]);

        write.SetResult();
        await Timing.StaysPending(sending, "A send whose flush is under way");
        if (isFaulted)
            flush.SetException(s_fault);
        else
            flush.SetResult();

        Assert.That(await sending.Soon(), Is.EqualTo(isFaulted ? new TransportResult(0, s_fault) : new TransportResult(10)));
    }

    [Test]
    public async Task A_failing_disposal_is_swallowed_and_happens_once_and_not_on_the_callers_thread()
    {
        var disposals = 0;
        var disposedOn = new TaskCompletionSource<int>();
        var end = Over(new FaultyStream
        {
            OnDispose = () =>
            {
                disposals++;
                disposedOn.TrySetResult(Environment.CurrentManagedThreadId);
                throw s_fault;
            },
        });

        // Off the thread pool, so that the disposal cannot happen to run on this very thread.
        var caller = await Task.Factory.StartNew(
            () =>
            {
                end.Dispose();
                end.Dispose();
                return Environment.CurrentManagedThreadId;
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Soon();

        Assert.That(await disposedOn.Task.Soon(), Is.Not.EqualTo(caller));
        Assert.That(disposals, Is.EqualTo(1));
    }

    private static TransportEnd Over(Stream stream) => new(new StreamTransport(stream));
}
