using Muxado.Fast.Tests.Conformance;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>Links that are slow, uneven, or pass a few bytes at a time: whatever is said over them is heard, byte by byte.</summary>
public sealed class RoughLinkTests
{
    private static readonly Message[] s_messages =
        [new(1_000), new(150_000, new() { Priority = 3 }), new(0), new(70_000), new(20, new() { StreamType = Message.Unwelcome }), new(16_383, new() { Priority = 3 })];

    // For links that make an event of every byte. One message is more than a window.
    private static readonly Message[] s_few = [new(66_000), new(0), new(300, new() { Priority = 3 }), new(20, new() { StreamType = Message.Unwelcome })];

    [Test]
    public void Reads_of_one_byte_both_ways_change_nothing([Values] bool canTrySend) =>
        Converse(new LinkFaults { MaxReceivedBytes = 1, CanTrySend = canTrySend }, s_few);

    [Test]
    public void Writes_that_are_taken_byte_by_byte_change_nothing([Values] bool canTrySend) =>
        Converse(new LinkFaults { MaxTakenBytes = 1, CanTrySend = canTrySend }, s_few);

    [Test]
    public void Writes_that_are_taken_in_parts_of_random_size_change_nothing(
        [Values(100, 3_000, 40_000)] int mostBytes, [Values] bool canTrySend, [Range(1, 3)] int seed) =>
        Converse(new LinkFaults { MaxTakenBytes = mostBytes, CanTrySend = canTrySend }, s_messages, seed);

    [TestCase(9)]
    [TestCase(1_000)]
    public void A_link_that_holds_next_to_nothing_changes_nothing(int capacityBytes) =>
        Converse(new LinkFaults { CapacityBytes = capacityBytes }, s_few);

    [Test]
    public void Delays_of_up_to_half_a_second_change_nothing([Range(1, 10)] int seed) =>
        Converse(new LinkFaults { MaxDelay = TimeSpan.FromMilliseconds(500), MaxTakenBytes = 20_000 }, s_messages, seed);

    [Test]
    public void A_link_of_8_KiB_a_second_is_slow_and_nothing_else([Values] bool canTrySend, [Values(1_000, 64 * 1024)] int capacityBytes)
    {
        var took = Converse(new LinkFaults { BytesPerSecond = 8 * 1024, CapacityBytes = capacityBytes, CanTrySend = canTrySend }, s_messages);

        // Each way goes what one side says and what it echoes.
        double atLeast = 2.0 * s_messages.Sum(message => message.Length) / (8 * 1024);
        Assert.That(took.TotalSeconds, Is.InRange(atLeast, 2 * atLeast), "the link was not kept busy");
    }

    [TestCase(-1)]
    [TestCase(1)]
    public void A_jump_of_the_wall_clock_by_a_day_changes_nothing(int days) =>
        Converse(
            new LinkFaults { BytesPerSecond = 8 * 1024 },
            s_messages,
            meanwhile: connection =>
            {
                connection.PassSeconds(10);
                connection.Clock.SkewWallClock(TimeSpan.FromDays(days));
            });

    [TestCase(-1)]
    [TestCase(1)]
    public async Task A_jump_of_the_wall_clock_by_a_day_moves_no_deadline_that_is_running(int days)
    {
        using var connection = new Connection();
        var session = connection.Join(Role.Client, []).Session;
        await using var stream = session.OpenStream();
        stream.ReadDeadline = connection.Clock.GetUtcNow() + TimeSpan.FromSeconds(20);
        var read = stream.ReadAsync(new byte[1]).AsTask();

        connection.PassSeconds(10);
        connection.Clock.SkewWallClock(TimeSpan.FromDays(days));
        connection.PassSeconds(9.9);
        Assert.That(read.IsCompleted, Is.False);
        connection.PassSeconds(0.2);

        Assert.That(read.IsFaulted);
        Assert.That(((MuxadoException)read.Exception!.InnerException!).Error, Is.EqualTo(MuxadoError.DeadlineExceeded));
    }

    [Test]
    public void Closing_over_a_slow_link_takes_at_most_5_s_whatever_waits_to_be_sent([Values] bool canTrySend)
    {
        var slow = new LinkFaults { BytesPerSecond = 8 * 1024, CanTrySend = canTrySend };
        using var connection = new Connection(slow, slow);
        var client = connection.Join(Role.Client, [new Message(1_000_000), new Message(100)]);
        var server = connection.Join(Role.Server, [new Message(1_000_000)]);
        connection.PassSeconds(3);

        _ = client.Session.CloseAsync().AsTask();
        connection.PassSeconds(5);

        Assert.That(client.Session.Completion.IsCompleted && client.Ended.IsCompleted);
        connection.PassUntil(() => server.Ended.IsCompleted, TimeSpan.FromSeconds(30)); // What is under way still comes.
        connection.Verify();
    }

    /// <summary>Lets two applications talk over such a link, both ways, and close. Returns how long the talking took.</summary>
    private static TimeSpan Converse(LinkFaults faults, Message[] messages, int seed = 1, Action<Connection>? meanwhile = null)
    {
        using var connection = new Connection(faults, faults, seed);
        var client = connection.Join(Role.Client, messages);
        var server = connection.Join(Role.Server, messages);
        var started = connection.Clock.GetTimestamp();
        meanwhile?.Invoke(connection);
        int talks = 2 * messages.Length;
        connection.PassUntil(() => client.FinishedTalks == talks && server.FinishedTalks == talks, TimeSpan.FromMinutes(5));
        var took = TimeSpan.FromTicks(connection.Clock.GetTimestamp() - started);

        _ = server.Session.CloseAsync().AsTask();
        connection.PassSeconds(5);
        connection.Verify();
        Promise.VerifyComplete(client, talks);
        Promise.VerifyComplete(server, talks);
        Assert.That(client.Session.Completion.Result.Error, Is.EqualTo(MuxadoError.None));
        Assert.That(server.Session.Completion.Result.Error, Is.EqualTo(MuxadoError.None));
        return took;
    }
}
