using Muxado.Fast.Bench.Soak;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench;

/// <summary>What a soak notices: each of its oracles is shown what it is there for.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SoakOracleTests
{
    private static readonly Reading s_first = new(1_000, 50_000_000, 10, 60, 9, 25, 4, 8, 0);

    private readonly SharedFlow _flow = new(number: 7);

    private static readonly Dictionary<string, Reading> s_leaks = new()
    {
        ["managed heap"] = s_first with { HeapBytes = s_first.HeapBytes + FlatnessJudge.HeapGrowthBytes + 1 },
        ["open sockets"] = s_first with { Sockets = s_first.Sockets + 1 },
        ["file descriptors"] = s_first with { Descriptors = s_first.Descriptors + 1 },
        ["active timers"] = s_first with { Timers = s_first.Timers + 1 },
        ["threads"] = s_first with { Threads = s_first.Threads + FlatnessJudge.ThreadGrowth + 1 },
        ["rented blocks"] = s_first with { Blocks = s_first.Blocks + 1 },
        ["live sessions"] = s_first with { Sessions = s_first.Sessions + 1 },
        ["open streams"] = s_first with { OpenStreams = 1 },
    };

    private static IEnumerable<string> Leaks => s_leaks.Keys;

    [TestCaseSource(nameof(Leaks))]
    public void A_leak_is_named(string what) =>
        Assert.That(FlatnessJudge.Complain(s_first, s_leaks[what]).Single(), Does.StartWith(what).And.Contain("not flat"));

    [Test]
    public void What_shrinks_or_grows_within_bounds_is_flat()
    {
        var last = new Reading(2_000_000, s_first.HeapBytes + FlatnessJudge.HeapGrowthBytes, 9, 60, 8, s_first.Threads + FlatnessJudge.ThreadGrowth, 0, 8, 0);
        Assert.That(FlatnessJudge.Complain(s_first, last), Is.Empty);
    }

    [Test]
    public void What_cannot_be_seen_is_not_complained_of() =>
        Assert.That(FlatnessJudge.Complain(s_first with { Sockets = null, Descriptors = null }, s_first with { Sockets = null, Descriptors = null }), Is.Empty);

    [Test]
    public void What_was_written_is_right_and_so_is_its_end()
    {
        var bytes = Write(1_000);
        _flow.NoteEnd();
        Assert.That(_flow.Read(bytes), Is.Null);
        Assert.That(_flow.ReadEnd(), Is.Null);
    }

    [Test]
    public void A_called_off_write_may_come_in_part([Values(0, 1, 999, 1_000)] int arrived)
    {
        var first = new byte[1_000];
        _flow.Begin(first, ends: false);
        Assert.That(_flow.NoteCalledOff(ends: false), Is.Null);
        var second = Write(500);
        _flow.NoteEnd();
        Assert.That(_flow.Read([.. first[..arrived], .. second]), Is.Null);
        Assert.That(_flow.ReadEnd(), Is.Null);
    }

    [Test]
    public void Half_a_write_that_a_disposal_ends_is_noticed([Values] bool isSaidMeanwhile)
    {
        var bytes = new byte[1_000];
        _flow.Begin(bytes, ends: false);
        Assert.That(_flow.NoteCalledOff(ends: false), Is.Null);
        _flow.NoteDisposal();
        if (isSaidMeanwhile)
            _flow.NoteEnd();
        Assert.That(_flow.Read(bytes.AsSpan(0, 500)), Is.Null);
        Assert.That(_flow.ReadEnd(), isSaidMeanwhile ? Is.Null : Does.Contain("half a write"));
    }

    [Test]
    public void A_disposal_behind_the_end_changes_nothing()
    {
        var bytes = new byte[1_000];
        _flow.Begin(bytes, ends: false);
        Assert.That(_flow.NoteCalledOff(ends: false), Is.Null);
        _flow.NoteEnd();
        _flow.NoteDisposal();
        Assert.That(_flow.Read(bytes.AsSpan(0, 500)), Is.Null);
        Assert.That(_flow.ReadEnd(), Is.Null);
    }

    [Test]
    public void A_lost_byte_is_noticed([Values(0, 500, 998)] int lost)
    {
        var bytes = Write(1_000);
        Assert.That(_flow.Read([.. bytes[..lost], .. bytes[(lost + 1)..]]), Is.Not.Null);
    }

    [Test]
    public void A_byte_that_comes_twice_is_noticed()
    {
        var bytes = Write(1_000);
        Assert.That(_flow.Read([.. bytes, .. bytes[^1..]]), Is.Not.Null);
    }

    [Test]
    public void Bytes_of_another_stream_are_noticed()
    {
        Write(1_000);
        var others = new byte[1_000];
        new SharedFlow(number: 8).Begin(others, ends: false);
        Assert.That(_flow.Read(others), Is.Not.Null);
    }

    [Test]
    public void Bytes_that_went_the_wrong_way_are_noticed([Values] bool isRenewed)
    {
        var conversation = new Conversation(number: 1);
        if (isRenewed)
            conversation.Renew();
        var (own, others) = (new byte[1_000], new byte[1_000]);
        conversation.Opener.Says.Begin(own, ends: false);
        conversation.Acceptor.Says.Begin(others, ends: false);
        Assert.That(conversation.Opener.Says.Read(others), Is.Not.Null);
    }

    [Test]
    public void An_end_before_the_last_byte_is_noticed()
    {
        var bytes = Write(1_000);
        _flow.NoteEnd();
        Assert.That(_flow.Read(bytes.AsSpan(0, 999)), Is.Null);
        Assert.That(_flow.ReadEnd(), Does.Contain("999 of 1000"));
    }

    [Test]
    public void An_end_that_nobody_has_said_is_noticed()
    {
        Assert.That(_flow.Read(Write(10)), Is.Null);
        Assert.That(_flow.ReadEnd(), Does.Contain("nobody has said it"));
    }

    [Test]
    public void An_end_of_a_write_that_is_called_off_later_is_noticed()
    {
        var bytes = new byte[10];
        _flow.Begin(bytes, ends: true);
        Assert.That(_flow.Read(bytes), Is.Null);
        Assert.That(_flow.ReadEnd(), Is.Null);
        Assert.That(_flow.NoteCalledOff(ends: true), Is.Not.Null);
    }

    [Test]
    public void A_stream_that_is_seen_cannot_be_given_up()
    {
        var conversation = new Conversation(number: 1);
        Assert.That(conversation.TryAccept(), Is.True);
        Assert.That(conversation.TryAccept(), Is.False, "accepted twice");
        Assert.That(conversation.TryGiveUp(), Is.False, "safe to retry after all");
    }

    [Test]
    public void A_stream_that_is_given_up_cannot_be_seen_before_it_is_said_again()
    {
        var conversation = new Conversation(number: 1);
        Assert.That(conversation.TryGiveUp(), Is.True);
        Assert.That(conversation.TryAccept(), Is.False);
        conversation.Renew();
        Assert.That(conversation.TryAccept(), Is.True);
    }

    [Test]
    public async Task An_operation_that_does_not_end_is_named()
    {
        await using var watchdog = new Watchdog(TimeSpan.FromMilliseconds(10));
        using var watch = Hang(watchdog, "stream 7");
        Assert.That(await watchdog.Hang.Soon(), Does.Contain("a read of stream 7"));
    }

    [Test]
    public async Task An_operation_is_named_although_its_session_does_not_answer()
    {
        using var unlocked = new ManualResetEventSlim();
        await using var watchdog = new Watchdog(TimeSpan.FromMilliseconds(10));
        using var watch = Hang(watchdog, new Subject(() =>
        {
            unlocked.Wait();
            return "";
        }));
        try
        {
            var hang = await watchdog.Hang.WaitAsync(TimeSpan.FromMinutes(1));
            Assert.That(hang, Does.Contain("a read of stream 7").And.Contain("do not say how they are"));
        }
        finally
        {
            unlocked.Set();
        }
    }

    [Test]
    public async Task An_operation_is_named_although_its_session_fails_to_answer()
    {
        await using var watchdog = new Watchdog(TimeSpan.FromMilliseconds(10));
        using var watch = Hang(watchdog, new Subject(() => throw new InvalidOperationException("broken")));
        Assert.That(await watchdog.Hang.Soon(), Does.Contain("a read of stream 7").And.Contain("broken"));
    }

    [Test]
    public void A_mistake_of_the_engine_is_noticed_where_the_runtime_does_not_let_it_pass()
    {
        var tally = new SoakTally();
        using var stray = new StrayExceptions(tally);
        Assert.That(() => new MuxadoSessionPool(dial: null!), Throws.ArgumentNullException);
        Assert.That(tally.Problems, Has.Some.Contains("the engine threw").And.Contains(nameof(MuxadoSessionPool)));
    }

    [Test]
    public async Task The_same_seed_chooses_the_same()
    {
        await using var watchdog = new Watchdog(TimeSpan.FromMinutes(1));
        var first = Choices(seed: 1);
        Assert.That(Choices(seed: 1), Is.EqualTo(first));
        Assert.That(Choices(seed: 2), Is.Not.EqualTo(first));

        int[] Choices(int seed)
        {
            var dice = new SoakContext(seed, watchdog).DiceFor(number: 5, salt: 0);
            return [.. Enumerable.Range(0, 20).Select(_ => dice.Between(0, 1_000))];
        }
    }

    private static Watchdog.Watch Hang(Watchdog watchdog, object subject)
    {
        var watch = watchdog.Add();
        watch.Subject = subject;
        watch.Begin("a read");
        return watch;
    }

    private byte[] Write(int count)
    {
        var bytes = new byte[count];
        _flow.Begin(bytes, ends: false);
        Assert.That(_flow.NoteWritten(count), Is.Null);
        return bytes;
    }

    private sealed class Subject(Func<string> describeState) : Watchdog.IStateful
    {
        public string DescribeState() => describeState();

        public override string ToString() => "stream 7";
    }
}
