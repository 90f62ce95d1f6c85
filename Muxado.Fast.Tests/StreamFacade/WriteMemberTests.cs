using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamFacade;

/// <summary>Every member of <see cref="Stream"/> that writes puts the same bytes on their way.</summary>
public sealed class WriteMemberTests
{
    private static readonly Dictionary<string, Func<MuxadoStream, byte[], int, int, Task>> s_writes = new()
    {
        ["Write(byte[])"] = (s, b, o, n) => Blocking(() => s.Write(b, o, n)),
        ["Write(Span)"] = (s, b, o, n) => Blocking(() => s.Write(b.AsSpan(o, n))),
        ["WriteAsync(byte[])"] = (s, b, o, n) => s.WriteAsync(b, o, n, CancellationToken.None),
        ["WriteAsync(Memory)"] = (s, b, o, n) => s.WriteAsync(b.AsMemory(o, n)).AsTask(),
        ["BeginWrite, then EndWrite"] = (s, b, o, n) => Blocking(() => s.EndWrite(s.BeginWrite(b, o, n, callback: null, state: null))),
        ["FromAsync"] = (s, b, o, n) => Task.Factory.FromAsync(s.BeginWrite, s.EndWrite, b, o, n, state: null),
        ["WriteByte"] = (s, b, o, n) => Blocking(() =>
        {
            for (var i = 0; i < n; i++)
                s.WriteByte(b[o + i]);
        }),
    };

    private SessionPair _pair = null!;

    private static IEnumerable<string> Writes => s_writes.Keys;

    [SetUp]
    public async Task ConnectSessions() => _pair = await SessionPair.ConnectAsync(TransportKind.Tcp);

    [TearDown]
    public async Task CloseSessions() => await _pair.DisposeAsync();

    [TestCaseSource(nameof(Writes))]
    public async Task All_bytes_arrive_also_when_they_exceed_the_window(string write)
    {
        const int Count = 200_000;
        var (opened, accepted) = await _pair.OpenAsync();
        var bytes = Pattern.Bytes(Count + 20);
        var verifying = Pattern.VerifyToEndAsync(accepted, from: 10);

        await s_writes[write](opened, bytes, 10, Count).Soon();
        opened.CompleteWrites();

        Assert.That(await verifying.Soon(), Is.EqualTo(Count));
    }

    [TestCaseSource(nameof(Writes))]
    public async Task After_disposal_a_write_says_so(string write)
    {
        var (opened, _) = await _pair.OpenAsync();
        await opened.DisposeAsync();

        await Fails.With<ObjectDisposedException>(() => s_writes[write](opened, new byte[10], 0, 10));
    }

    [TestCaseSource(nameof(Writes))]
    public async Task After_the_half_close_a_write_is_refused(string write)
    {
        var (opened, _) = await _pair.OpenAsync();
        opened.CompleteWrites();

        await Fails.With<InvalidOperationException>(() => s_writes[write](opened, new byte[10], 0, 10));
    }

    [TestCaseSource(nameof(Writes))]
    public async Task A_reset_by_the_peer_is_an_io_exception(string write)
    {
        var (opened, accepted) = await _pair.OpenAsync();
        accepted.Abort();
        await Fails.With(MuxadoError.StreamAborted, () => opened.ReadAsync(new byte[1]).AsTask());

        await Fails.With<IOException>(() => s_writes[write](opened, new byte[10], 0, 10));
    }

    [Test]
    public async Task Writing_nothing_is_allowed_and_says_nothing()
    {
        var (opened, accepted) = await _pair.OpenAsync();

        opened.Write([], 0, 0);
        opened.Write([]);
        await opened.WriteAsync(Array.Empty<byte>(), 0, 0).Soon();
        await opened.WriteAsync(ReadOnlyMemory<byte>.Empty).Soon();
        await opened.WriteAsync(Pattern.Bytes(3), completeWrites: true).Soon();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(3));
    }

    [TestCase(-1, 1)]
    [TestCase(0, -1)]
    [TestCase(5, 6)]
    public async Task A_range_outside_the_array_is_refused(int offset, int count)
    {
        var (opened, _) = await _pair.OpenAsync();
        var array = new byte[10];

        Assert.That(() => opened.Write(array, offset, count), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => opened.WriteAsync(array, offset, count), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => opened.BeginWrite(array, offset, count, null, null), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => opened.Write(null!, 0, 0), Throws.ArgumentNullException);
    }

    [Test]
    public async Task The_last_write_can_say_that_it_is_the_last()
    {
        var (opened, accepted) = await _pair.OpenAsync();

        await opened.WriteAsync(Pattern.Bytes(100), completeWrites: true).Soon();

        Assert.That(opened.CanWrite, Is.False);
        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(100));
        await accepted.WriteAsync(Pattern.Bytes(50), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(opened), Is.EqualTo(50));
    }

    [Test]
    public async Task A_try_write_takes_no_more_than_the_window_and_never_waits()
    {
        var (opened, accepted) = await _pair.OpenAsync();
        var bytes = Pattern.Bytes(1_000_000);
        var sent = 0;

        await Timing.Until(
            () =>
            {
                while (opened.TryWrite(bytes.AsSpan(sent), out var count))
                    sent += count;
                return sent >= 64 * 1024 - 1;
            },
            "the window is full");
        Assert.That(opened.TryWrite(bytes.AsSpan(sent), out _), Is.False);
        opened.CompleteWrites();

        Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(sent));
    }

    [Test]
    public async Task Flushing_does_nothing_but_heed_its_token()
    {
        var (opened, _) = await _pair.OpenAsync();

        opened.Flush();
        await opened.FlushAsync().Soon();

        await Fails.With<OperationCanceledException>(() => opened.FlushAsync(new CancellationToken(true)));
    }

    private static Task Blocking(Action write) =>
        Task.Factory.StartNew(write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
