using System.Text.RegularExpressions;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Architecture;

public sealed partial class ArchitectureTests
{
    /// <summary>From low to high: a room may use itself and the rooms before it. The transport stands aside.</summary>
    private static readonly string[] s_rooms =
        ["Primitives", "Buffers", "Framing", "FlowControl", "Streams", "Pipes", "Diagnostics", "Sessions", "Pooling", Usage.Root];

    private static readonly string[] s_belowTransport = ["Primitives", "Buffers", "Transport"];

    private static readonly string[] s_aboveTransport = ["Transport", "Diagnostics", "Sessions", Usage.Root];

    /// <summary>The public types that are pure data, for every room to use.</summary>
    private static readonly string[] s_vocabulary =
    [
        nameof(MuxadoErrorCode), nameof(MuxadoError), nameof(MuxadoException), nameof(MuxadoSessionCloseInfo), nameof(MuxadoStreamOptions),
        nameof(MuxadoStreamSnapshot), nameof(MuxadoSessionSnapshot), nameof(MuxadoSessionState),
        nameof(MuxadoFrame), nameof(MuxadoFrameType), nameof(MuxadoFrameDirection), nameof(MuxadoFrameTap),
    ];

    /// <summary>What a session takes from the application and hands to it, which therefore it has to name.</summary>
    private static readonly string[] s_sessionVocabulary =
    [
        nameof(MuxadoSessionOptions), nameof(MuxadoScheduling), nameof(MuxadoExtension), nameof(MuxadoExtensionContext),
        nameof(MuxadoSession), nameof(MuxadoStream), nameof(MuxadoStreamHandle),
    ];

    /// <summary>What a pool dials, opens and is asked for.</summary>
    private static readonly string[] s_poolingVocabulary =
    [
        nameof(MuxadoSession), nameof(MuxadoStreamHandle), nameof(MuxadoSessionPool), nameof(MuxadoSessionPoolOptions), nameof(MuxadoSessionPoolState),
    ];

    /// <summary>The rooms of the protocol core, which a simulation drives with a clock and a transport of its own.</summary>
    private static readonly string[] s_core = ["Framing", "FlowControl", "Streams"];

    private static readonly string[] s_typesOutsideTheCore =
    [
        "System.Threading.Thread", "System.Threading.ThreadPool", "System.Threading.Timer", "System.Threading.PeriodicTimer",
        "System.Timers.Timer", "System.Diagnostics.Stopwatch",
    ];

    private static readonly (string Type, string Member)[] s_membersOutsideTheCore =
    [
        ("System.Threading.Tasks.Task", "Run"), ("System.Threading.Tasks.Task", "Delay"), ("System.Threading.Tasks.Task", "Factory"),
        ("System.DateTime", "Now"), ("System.DateTime", "UtcNow"), ("System.DateTimeOffset", "Now"), ("System.DateTimeOffset", "UtcNow"),
        ("System.Environment", "TickCount"), ("System.Environment", "TickCount64"), ("System.TimeProvider", "System"),
    ];

    [Test]
    public void Every_type_lives_in_a_known_room()
    {
        Assert.That(Usage.All.Select(usage => usage.User).Distinct(), Is.SubsetOf(s_rooms.Append("Transport")));
    }

    [Test]
    public void A_room_uses_only_the_rooms_below_it()
    {
        Assert.That(Usage.All.Where(usage => !IsAllowed(usage)).Distinct(), Is.Empty);
    }

    [Test]
    public void The_rule_about_rooms_has_something_to_check()
    {
        foreach (var room in s_rooms[..^1].Append("Transport"))
            Assert.That(Usage.All.Any(usage => usage.Used == room && usage.User != room), Is.True, $"nobody uses {room}");
    }

    [Test]
    public void The_common_vocabulary_is_pure_data()
    {
        var uses = Usage.All.Where(usage => s_vocabulary.Contains(usage.UserType) && usage.Used is not (null or Usage.Root));

        Assert.That(uses, Is.Empty);
    }

    [Test]
    public void The_protocol_core_touches_no_socket_no_thread_and_no_clock()
    {
        var touches = Usage.All.Where(usage => s_core.Contains(usage.User)).Where(usage =>
            usage.Type.StartsWith("System.Net.Sockets.", StringComparison.Ordinal)
            || s_typesOutsideTheCore.Contains(usage.Type)
            || s_membersOutsideTheCore.Contains((usage.Type, usage.Member ?? "")));

        Assert.That(touches, Is.Empty);
    }

    [Test]
    public void Namespaces_follow_folders()
    {
        var strays = Usage.All.Where(usage => RoomOfFile(usage.Place) != usage.User);

        Assert.That(strays, Is.Empty);
    }

    [Test]
    public void No_source_file_is_longer_than_400_lines()
    {
        var lengths = Repository.ProductSources().Select(source => (source.Path, Lines: source.Text.AsSpan().TrimEnd().Count('\n') + 1)).ToList();

        Assert.That(lengths, Is.Not.Empty);
        Assert.That(lengths.Where(file => file.Lines > 400), Is.Empty);
    }

    [Test]
    public void Types_are_named_for_what_they_are()
    {
        var names = typeof(MuxadoSession).Assembly.GetTypes().Select(type => type.Name).Where(name => VagueName().IsMatch(name));

        Assert.That(names, Is.Empty);
    }

    private static bool IsAllowed(Usage usage)
    {
        if (usage.Used is null || usage.Used == usage.User)
            return true;

        if (usage.Used == "Transport")
            return s_aboveTransport.Contains(usage.User);

        if (usage.Used == Usage.Root && s_vocabulary.Any(name => usage.Type == $"Muxado.Fast.{name}"))
            return true;

        if (usage.Used == Usage.Root && usage.User == "Sessions" && s_sessionVocabulary.Any(name => usage.Type == $"Muxado.Fast.{name}"))
            return true;

        if (usage.Used == Usage.Root && usage.User == "Pooling" && s_poolingVocabulary.Any(name => usage.Type == $"Muxado.Fast.{name}"))
            return true;

        return usage.User == "Transport"
            ? s_belowTransport.Contains(usage.Used)
            : Array.IndexOf(s_rooms, usage.Used) < Array.IndexOf(s_rooms, usage.User);
    }

    private static string RoomOfFile(string place) => Path.GetDirectoryName(place) is { Length: > 0 } folder ? folder : Usage.Root;

    [GeneratedRegex("Helper|Manager|Utils?$|Utilit")]
    private static partial Regex VagueName();
}
