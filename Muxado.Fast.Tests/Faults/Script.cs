using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Faults;

/// <summary>
/// A conversation of two sessions, recorded once: what came to the one of them that is under test, and what it said. It has every
/// kind of frame, and about 2 KiB each way.
/// </summary>
internal sealed class Script
{
    private static readonly Lazy<Script> s_forClient = new(() => Record(Role.Client));
    private static readonly Lazy<Script> s_forServer = new(() => Record(Role.Server));

    private Script(Role role, byte[] heard, byte[] said)
    {
        Role = role;
        Heard = heard;
        Said = said;
        var text = WireText.Of(heard);
        Farewell = text.Offsets.First(at => new WireFrame(heard[at..]).Type == WireType.GoAway);
    }

    /// <summary>The role of the session under test.</summary>
    public Role Role { get; }

    /// <summary>What the session under test hears.</summary>
    public byte[] Heard { get; }

    /// <summary>What it said while this was recorded.</summary>
    public byte[] Said { get; }

    /// <summary>Where the peer's first GOAWAY begins; all streams have ended by then.</summary>
    public int Farewell { get; }

    /// <summary>What the session under test says on its own streams. The heartbeat is the stream before them.</summary>
    public static Message[] Ours { get; } =
        [new(500, new() { Priority = 5, StreamType = 7 }), new(90), new(40, new() { StreamType = Message.Unwelcome })];

    public static Message[] Theirs { get; } =
        [new(600), new(0, new() { Priority = 9 }), new(130, new() { StreamType = 70_000 }), new(20, new() { StreamType = Message.Unwelcome })];

    /// <summary>How many streams of either side there are.</summary>
    public static int Talks => Ours.Length + Theirs.Length;

    public static Script For(Role role) => (role == Role.Client ? s_forClient : s_forServer).Value;

    /// <summary>Connects the session under test to a link of which the other end is the test's.</summary>
    /// <param name="talker">The application of the session under test.</param>
    /// <param name="heard">The faults on the way to the session under test.</param>
    /// <param name="said">The faults on the way from it.</param>
    public Connection Connect(out Talker talker, LinkFaults? heard = null, LinkFaults? said = null)
    {
        var connection = Role == Role.Client ? new Connection(toServer: said, toClient: heard) : new Connection(toServer: heard, toClient: said);
        talker = connection.Join(Role, Ours);
        return connection;
    }

    private static Script Record(Role role)
    {
        using var connection = new Connection();
        var ours = connection.Join(role, Ours);
        var theirs = connection.Join(role == Role.Client ? Role.Server : Role.Client, Theirs);
        connection.PassSeconds(4); // Long enough for a heartbeat.
        _ = theirs.Session.GoAwayAsync(MuxadoErrorCode.NoError, "We are going away, and this is why: the script is over."u8.ToArray()).AsTask();
        connection.PassSeconds(1);
        _ = theirs.Session.CloseAsync().AsTask();
        connection.PassSeconds(1);
        connection.Verify();
        Promise.VerifyComplete(ours, Talks);
        Promise.VerifyComplete(theirs, Talks);
        return new Script(role, connection.To(role).Delivered.ToArray(), connection.From(role).Taken.ToArray());
    }
}
