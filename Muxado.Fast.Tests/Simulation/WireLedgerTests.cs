using Muxado.Fast.Bench.Simulation;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Simulation;

/// <summary>The simulation's judge of the wire has to notice what it is there for.</summary>
public sealed class WireLedgerTests
{
    private string? _objection;
    private WireLedger _ledger = null!;

    [SetUp]
    public void Begin()
    {
        _objection = null;
        _ledger = new WireLedger(objection => _objection ??= objection, new EventTrace(new VirtualClock()));
    }

    [Test]
    public void It_has_nothing_against_a_conversation_by_the_rules()
    {
        Send(Side.Client, Frames.Syn(3), Frames.Data(3, "question"), Frames.Fin(3), Frames.Syn(7));
        Send(Side.Server, Frames.WndInc(3, 8), Frames.DataFin(3, "answer"), Frames.Rst(7, 6), Frames.GoAway(7, 0));
        Send(Side.Client, Frames.GoAway(0, 0));
        Assert.That(_objection, Is.Null);
    }

    [Test]
    public void A_probe_is_the_only_empty_data()
    {
        Send(Side.Client, Frames.Syn(3));
        Send(Side.Server, Frames.Fin(3));
        Send(Side.Client, Frames.Data(3, ""));
        Assert.That(_objection, Is.Null);

        Send(Side.Client, Frames.Syn(5), Frames.Data(5, ""));
        Assert.That(_objection, Does.Contain("not to probe"));
    }

    [Test]
    public void A_window_counts_once_its_credit_has_arrived()
    {
        Send(Side.Client, Frames.Syn(3));
        Send(Side.Client, Frames.Bulk(3, new byte[65_536]));
        Send(Side.Server, Frames.WndInc(3, 1));
        Send(Side.Client, Frames.Data(3, "x"));
        Assert.That(_objection, Is.Null);

        Send(Side.Client, Frames.Data(3, "x"));
        Assert.That(_objection, Does.Contain("beyond its window"));
    }

    private static IEnumerable<TestCaseData> Offences()
    {
        yield return Offence("data before its stream", "does not know", Frames.Data(3, "x"));
        yield return Offence("a repeated id", "out of order", Frames.Syn(5), Frames.Syn(5));
        yield return Offence("a falling id", "out of order", Frames.Syn(5), Frames.Syn(3));
        yield return Offence("an id of the other side", "id of the other side", Frames.Syn(2));
        yield return Offence("an open with FIN", "with FIN", Frames.SynWithFin(3));
        yield return Offence("data after FIN", "after FIN", Frames.Syn(3), Frames.Fin(3), Frames.Data(3, "x"));
        yield return Offence("a second FIN", "after FIN", Frames.Syn(3), Frames.Fin(3), Frames.Fin(3));
        yield return Offence("data after RST", "after RST", Frames.Syn(3), Frames.Rst(3, 7), Frames.Data(3, "x"));
        yield return Offence("a second RST", "after RST", Frames.Syn(3), Frames.Rst(3, 7), Frames.Rst(3, 4));
        yield return Offence("a reset for no reason of ours", "with code 1", Frames.Syn(3), Frames.Rst(3, 1));
        yield return Offence("credit of nothing", "of nothing", Frames.Syn(3), Frames.WndInc(3, 0));
        yield return Offence("a goodbye that names a stream that never came", "never came", Frames.GoAway(2, 0));
        yield return Offence("noise", "no frames", Frames.Raw(31, 0, 0, 0));
    }

    [TestCaseSource(nameof(Offences))]
    public void It_objects_to(string objection, WireFrame[] frames)
    {
        Send(Side.Client, frames);
        Assert.That(_objection, Does.Contain(objection));
    }

    private static TestCaseData Offence(string name, string objection, params WireFrame[] frames) =>
        new TestCaseData(objection, frames).SetName($"It objects to {name}");

    private void Send(Side by, params WireFrame[] frames)
    {
        foreach (WireFrame frame in frames)
        {
            _ledger.OnSent(by, frame.Bytes.Span);
            _ledger.OnDelivered(by.Other(), frame.Bytes.Span);
        }
    }
}
