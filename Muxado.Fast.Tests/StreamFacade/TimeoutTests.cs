using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamFacade;

public sealed class TimeoutTests
{
    private readonly ManualTimeProvider _clock = new();
    private SessionPair _pair = null!;

    [SetUp]
    public async Task ConnectSessions() =>
        _pair = await SessionPair.ConnectAsync(TransportKind.Tcp, clientOptions: new MuxadoSessionOptions
        {
            TimeProvider = _clock,
            HeartbeatInterval = Timeout.InfiniteTimeSpan,
        });

    [TearDown]
    public async Task CloseSessions()
    {
        var closing = _pair.DisposeAsync().AsTask();
        await Timing.Until(
            () =>
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
                return closing.IsCompleted;
            },
            "the sessions are closed");
        await closing;
    }

    [Test]
    public async Task Timeouts_are_infinite_unless_set_and_take_only_positive_or_infinite_values()
    {
        var (opened, _) = await _pair.OpenAsync();
        Assert.That((opened.CanTimeout, opened.ReadTimeout, opened.WriteTimeout), Is.EqualTo((true, Timeout.Infinite, Timeout.Infinite)));

        opened.ReadTimeout = 100;
        opened.WriteTimeout = 200;
        Assert.That((opened.ReadTimeout, opened.WriteTimeout), Is.EqualTo((100, 200)));
        opened.ReadTimeout = Timeout.Infinite;
        Assert.That(opened.ReadTimeout, Is.EqualTo(Timeout.Infinite));

        foreach (var wrong in (int[])[0, -2, int.MinValue])
        {
            Assert.That(() => opened.ReadTimeout = wrong, Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => opened.WriteTimeout = wrong, Throws.InstanceOf<ArgumentOutOfRangeException>());
        }
    }

    [Test]
    public async Task A_blocking_read_ends_at_its_timeout_and_loses_no_byte()
    {
        var (opened, accepted) = await _pair.OpenAsync();
        opened.ReadTimeout = 10_000;
        var reading = Blocking(() => opened.ReadExactly(new byte[10]));
        await Timing.StaysPending(reading, "A read within its timeout");

        await PassAsync(TimeSpan.FromSeconds(10), reading);

        await Fails.With(MuxadoError.DeadlineExceeded, reading);
        await accepted.WriteAsync(Pattern.Bytes(10)).Soon();
        await Pattern.VerifyAsync(opened, 10);
    }

    [Test]
    public async Task A_blocking_write_ends_at_its_timeout()
    {
        var (opened, _) = await _pair.OpenAsync();
        opened.WriteTimeout = 10_000;
        var writing = Blocking(() => opened.Write(new byte[4 * 1024 * 1024]));
        await Timing.StaysPending(writing, "A write within its timeout");

        await PassAsync(TimeSpan.FromSeconds(10), writing);

        await Fails.With(MuxadoError.DeadlineExceeded, writing);
    }

    [Test]
    public async Task An_asynchronous_read_heeds_no_timeout()
    {
        var (opened, accepted) = await _pair.OpenAsync();
        opened.ReadTimeout = 10;
        var reading = opened.ReadAsync(new byte[10]).AsTask();

        _clock.Advance(TimeSpan.FromSeconds(1));
        await Timing.StaysPending(reading, "An asynchronous read beyond the timeout");

        await accepted.WriteAsync(new byte[3]).Soon();
        Assert.That(await reading.Soon(), Is.EqualTo(3));
    }

    /// <summary>Moves the clock on until the operation has ended, however late it began to wait.</summary>
    private Task PassAsync(TimeSpan step, Task operation) => Timing.Until(
        () =>
        {
            _clock.Advance(step);
            return operation.IsCompleted;
        },
        "the timeout passes");

    private static Task Blocking(Action operation) =>
        Task.Factory.StartNew(operation, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
