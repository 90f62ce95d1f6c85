using System.Runtime.InteropServices;
using Muxado.Fast.Bench.Simulation;
using Muxado.Fast.Buffers;
using static Muxado.Fast.Bench.Fuzz.FuzzFailureException;

namespace Muxado.Fast.Bench.Fuzz;

/// <summary>
/// One session from its first byte to its end, on one thread and in virtual time. Nothing escapes, the session ends once the peer's
/// bytes have, every operation with it, and every rented block comes back.
/// </summary>
internal sealed class SessionRun
{
    private const int MaxEvents = 200_000;
    private const int MaxReceiveWindow = 128 * 1024;

    /// <summary>For all runs, which leave it as they find it: pinned blocks take long to allocate.</summary>
    private static readonly BlockPool s_blocks = new();

    /// <summary>For what a run sends, which is a lot: a new list for each would keep the garbage collector busy.</summary>
    [ThreadStatic]
    private static List<byte>? t_sent;

    private readonly List<byte> _sent = t_sent ??= [];
    private readonly VirtualClock _clock = new();
    private readonly Choices _choices;
    private readonly byte[] _bytes;
    private readonly PeerScript _peer;
    private readonly OutputRules _rules;
    private readonly bool _isClient;

    public SessionRun(bool isClient, byte seed, byte[] bytes)
    {
        _sent.Clear();
        _isClient = isClient;
        _choices = new Choices(seed);
        _bytes = bytes;
        _peer = new PeerScript(bytes);
        _rules = new OutputRules(_peer, isClient, MaxReceiveWindow);
    }

    public void Run()
    {
        using var assertions = new AssertionTrap();
        var rentedBefore = s_blocks.Outstanding;
        try
        {
            RunSession();
        }
        finally
        {
            assertions.Check(); // Before all else: what follows from a broken assertion would hide it.
        }

        Require(s_blocks.Outstanding == rentedBefore, $"{s_blocks.Outstanding - rentedBefore} blocks did not come back");
        PlainDecoder.Tell(CollectionsMarshal.AsSpan(_sent), strictGoAway: true, _rules);
    }

    private void RunSession()
    {
        var transport = new ScriptedTransport(_clock, _choices, _bytes, _sent);
        var session = MuxadoSession.CreateOver(transport, _isClient, new MuxadoSessionOptions
        {
            TimeProvider = _clock,
            Scheduler = new InOrderScheduler(_clock),
            Blocks = s_blocks,
            Random = new Random(0),
            MaxReceiveWindow = MaxReceiveWindow,
            AcceptBacklog = _choices.IsPlain ? 64 : _choices.Between(1, 8),
            MaxInboundStreams = _choices.IsPlain ? 64 : _choices.Between(1, 16),
            MaxQueuedControlFrames = _choices.IsPlain ? 1024 : _choices.Between(1, 16),
            EarlyResetBurst = _choices.IsPlain ? 1000 : _choices.Between(1, 100),
        });
        var application = new Application(session, _clock, _choices, _peer);
        application.Start();
        RunEvents();

        Require(session.Completion.IsCompleted, "the peer's bytes have ended and the session has not");
        application.CheckEnded();
        var end = session.Completion.Result;
        if (end.LocalCode == MuxadoErrorCode.InternalError)
            throw new FuzzFailureException("the session failed on its own account", end.Exception);
        Require(session.ActiveStreams == 0, $"{session.ActiveStreams} streams are active after the session's end");
        application.DisposeStreams();
        RunEvents();
    }

    private void RunEvents()
    {
        var events = 0;
        while (_clock.RunNext())
            Require(++events < MaxEvents, "the run does not come to an end");
    }
}
