using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.StreamFacade;

/// <summary>Every member of <see cref="Stream"/> that reads gives the same bytes and the same end.</summary>
public sealed class ReadMemberTests
{
    private static readonly Dictionary<string, Func<MuxadoStream, byte[], int, int, Task<int>>> s_reads = new()
    {
        ["Read(byte[])"] = (s, b, o, n) => Blocking(() => s.Read(b, o, n)),
        ["Read(Span)"] = (s, b, o, n) => Blocking(() => s.Read(b.AsSpan(o, n))),
        ["ReadAsync(byte[])"] = (s, b, o, n) => s.ReadAsync(b, o, n, CancellationToken.None),
        ["ReadAsync(Memory)"] = (s, b, o, n) => s.ReadAsync(b.AsMemory(o, n)).AsTask(),
        ["BeginRead, then EndRead"] = (s, b, o, n) => Blocking(() => s.EndRead(s.BeginRead(b, o, n, callback: null, state: null))),
        ["FromAsync"] = (s, b, o, n) => Task.Factory.FromAsync(s.BeginRead, s.EndRead, b, o, n, state: null),
        ["ReadByte"] = (s, b, o, _) => Blocking(() =>
        {
            var value = s.ReadByte();
            if (value < 0)
                return 0;
            b[o] = (byte)value;
            return 1;
        }),
    };

    private SessionPair _pair = null!;

    private static IEnumerable<string> Reads => s_reads.Keys;

    [SetUp]
    public async Task ConnectSessions() => _pair = await SessionPair.ConnectAsync(TransportKind.Tcp);

    [TearDown]
    public async Task CloseSessions() => await _pair.DisposeAsync();

    [TestCaseSource(nameof(Reads))]
    public async Task All_bytes_come_in_order_and_then_the_end_again_and_again(string read)
    {
        const int Count = 5_000;
        var (opened, accepted) = await _pair.OpenAsync();
        await opened.WriteAsync(Pattern.Bytes(Count), completeWrites: true).Soon();
        const int ReadSize = 700;
        var buffer = new byte[10 + Count + ReadSize];
        var position = 0;

        while (await s_reads[read](accepted, buffer, 10 + position, ReadSize).Soon() is > 0 and var count)
            position += count;

        Assert.That(position, Is.EqualTo(Count));
        Pattern.Verify(buffer.AsSpan(10, Count), from: 0);
        Assert.That(await s_reads[read](accepted, buffer, 0, 10).Soon(), Is.Zero);
    }

    [TestCaseSource(nameof(Reads))]
    public async Task A_read_waits_for_the_first_byte(string read)
    {
        var (opened, accepted) = await _pair.OpenAsync();
        var buffer = new byte[10];
        var reading = s_reads[read](accepted, buffer, 0, 10);
        await Timing.StaysPending(reading, "A read without data");

        await opened.WriteAsync(Pattern.Bytes(1, from: 77)).Soon();

        Assert.That(await reading.Soon(), Is.EqualTo(1));
        Pattern.Verify(buffer.AsSpan(0, 1), from: 77);
    }

    [TestCaseSource(nameof(Reads))]
    public async Task A_reset_by_the_peer_is_an_io_exception(string read)
    {
        var (opened, accepted) = await _pair.OpenAsync();

        opened.Abort(MuxadoErrorCode.InternalError);

        var failure = await Fails.With<IOException>(() => s_reads[read](accepted, new byte[10], 0, 10));
        Assert.That(((MuxadoException)failure).ErrorCode, Is.EqualTo(MuxadoErrorCode.InternalError));
    }

    [TestCaseSource(nameof(Reads))]
    public async Task After_disposal_a_read_says_so(string read)
    {
        var (opened, _) = await _pair.OpenAsync();
        await opened.DisposeAsync();

        await Fails.With<ObjectDisposedException>(() => s_reads[read](opened, new byte[10], 0, 10));
    }

    [TestCase("Read(byte[])")]
    [TestCase("Read(Span)")]
    [TestCase("ReadAsync(byte[])")]
    [TestCase("ReadAsync(Memory)")]
    public async Task An_empty_read_waits_until_there_is_something_and_takes_none_of_it(string read)
    {
        var (opened, accepted) = await _pair.OpenAsync();
        var reading = s_reads[read](accepted, [], 0, 0);
        await Timing.StaysPending(reading, "An empty read without data");

        await opened.WriteAsync(Pattern.Bytes(10)).Soon();

        Assert.That(await reading.Soon(), Is.Zero);
        await Pattern.VerifyAsync(accepted, 10);
    }

    [TestCase(-1, 1)]
    [TestCase(0, -1)]
    [TestCase(5, 6)]
    public async Task A_range_outside_the_array_is_refused(int offset, int count)
    {
        var (opened, _) = await _pair.OpenAsync();
        var array = new byte[10];

        Assert.That(() => opened.Read(array, offset, count), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => opened.ReadAsync(array, offset, count), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => opened.BeginRead(array, offset, count, null, null), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => opened.Read(null!, 0, 0), Throws.ArgumentNullException);
    }

    [Test]
    public async Task Begin_read_calls_back_with_its_state()
    {
        var (opened, accepted) = await _pair.OpenAsync();
        var state = new object();
        var called = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = accepted.BeginRead(new byte[10], 0, 10, result => called.SetResult(result.AsyncState), state);

        await opened.WriteAsync(Pattern.Bytes(10)).Soon();

        Assert.That(await called.Task.Soon(), Is.SameAs(state));
        Assert.That(accepted.EndRead(begun), Is.EqualTo(10));
    }

    [Test]
    public async Task A_try_read_takes_what_is_there_and_never_waits()
    {
        var (opened, accepted) = await _pair.OpenAsync();
        var buffer = new byte[10];
        Assert.That((accepted.TryRead(buffer, out var count), count), Is.EqualTo((false, 0)));

        await opened.WriteAsync(Pattern.Bytes(7), completeWrites: true).Soon();
        await accepted.ReadAsync(Memory<byte>.Empty).Soon();

        Assert.That((accepted.TryRead(buffer, out count), count), Is.EqualTo((true, 7)));
        Pattern.Verify(buffer.AsSpan(0, 7), from: 0);
        await accepted.ReadAsync(Memory<byte>.Empty).Soon();
        Assert.That((accepted.TryRead(buffer, out count), count), Is.EqualTo((true, 0)));
    }

    [Test]
    public async Task Copying_a_stream_copies_all_of_it([Values] bool isAsynchronous)
    {
        var (opened, accepted) = await _pair.OpenAsync();
        var writing = Task.Run(async () =>
        {
            await Pattern.WriteAsync(opened, 300_000);
            opened.CompleteWrites();
        });
        using var copy = new MemoryStream();

        await (isAsynchronous ? accepted.CopyToAsync(copy) : Task.Run(() => accepted.CopyTo(copy))).Soon();
        await writing.Soon();

        Assert.That(copy.Length, Is.EqualTo(300_000));
        Pattern.Verify(copy.GetBuffer().AsSpan(0, 300_000), from: 0);
    }

    [Test]
    public async Task The_end_of_an_empty_stream_can_be_copied()
    {
        var (opened, accepted) = await _pair.OpenAsync();
        opened.CompleteWrites();
        Assert.That(await accepted.ReadAsync(new byte[1]).Soon(), Is.Zero);
        using var copy = new MemoryStream();

        await accepted.CopyToAsync(copy).Soon();

        Assert.That((copy.Length, accepted.CanRead), Is.EqualTo((0, true)));
    }

    private static Task<int> Blocking(Func<int> read) =>
        Task.Factory.StartNew(read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
