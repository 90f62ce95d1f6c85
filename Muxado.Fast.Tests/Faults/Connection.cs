using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>
/// A link in virtual time with what is at its ends: a session and its application at one or at both. An end without a session is
/// the test's own, which puts bytes into that end's direction.
/// </summary>
internal sealed class Connection : IDisposable
{
    // One pool for all, so that what a run gave back is rented by the next one, which then finds whether it was written to since (in DEBUG).
    private static readonly BlockPool s_blocks = new();

    private readonly int _rentedBefore = s_blocks.Outstanding;
    private readonly List<Talker> _talkers = [];
    private readonly EventLoop _events;
    private readonly Random _chance;

    public Connection(LinkFaults? toServer = null, LinkFaults? toClient = null, int seed = 1)
    {
        _chance = new Random(seed);
        _events = new EventLoop(Clock);
        ToServer = new LinkDirection(toServer ?? new(), _events, _chance);
        ToClient = new LinkDirection(toClient ?? new(), _events, _chance);
    }

    public ManualTimeProvider Clock { get; } = new();

    public LinkDirection ToServer { get; }

    public LinkDirection ToClient { get; }

    /// <summary>Starts a session, and an application that says these messages.</summary>
    public Talker Join(Role role, IEnumerable<Message> messages, Action<MuxadoSessionOptions>? configure = null, bool accepts = true)
    {
        var options = new MuxadoSessionOptions { TimeProvider = Clock, Scheduler = _events, Blocks = s_blocks, Random = _chance };
        configure?.Invoke(options);
        bool isClient = role == Role.Client;
        var end = isClient ? new LinkEnd(ToServer, ToClient, _events, _chance) : new LinkEnd(ToClient, ToServer, _events, _chance);
        var talker = new Talker(MuxadoSession.CreateOver(end, isClient, options), messages, accepts);
        _talkers.Add(talker);
        return talker;
    }

    /// <summary>The direction whose bytes this side gets.</summary>
    public LinkDirection To(Role role) => role == Role.Client ? ToClient : ToServer;

    /// <summary>The direction whose bytes this side sends.</summary>
    public LinkDirection From(Role role) => role == Role.Client ? ToServer : ToClient;

    /// <summary>Lets time pass, and everything happen that happens in it.</summary>
    public void Pass(TimeSpan time) => Clock.Advance(time);

    public void PassSeconds(double seconds) => Pass(TimeSpan.FromSeconds(seconds));

    /// <summary>Lets time pass until the condition holds, to a tenth of a second. Returns how long that took.</summary>
    public TimeSpan PassUntil(Func<bool> condition, TimeSpan atMost)
    {
        var step = TimeSpan.FromMilliseconds(100);
        var passed = TimeSpan.Zero;
        while (!condition() && passed < atMost)
        {
            Pass(step);
            passed += step;
        }

        Assert.That(condition(), $"this has not come true within {atMost}");
        return passed;
    }

    /// <summary>Every session has ended and kept the promise, and nothing that was rented is still out, whether or not streams were let go.</summary>
    public void Verify()
    {
        foreach (var talker in _talkers)
        {
            var role = talker.Session.IsClient ? Role.Client : Role.Server;
            Promise.Verify(talker, To(role).Delivered, From(role).Taken);
        }

        Assert.That(s_blocks.Outstanding, Is.EqualTo(_rentedBefore), "rented buffers did not come back");
    }

    public void Dispose()
    {
        foreach (var talker in _talkers)
            talker.Session.Abort();
        Pass(TimeSpan.Zero);
        foreach (var talker in _talkers)
            talker.LetGo();
    }
}
