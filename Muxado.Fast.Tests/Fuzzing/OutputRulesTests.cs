using Muxado.Fast.Bench.Fuzz;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Fuzzing;

/// <summary>The judge of what a session sends sees each kind of mistake. It is a client's here, whose peer has opened stream 4.</summary>
public sealed class OutputRulesTests
{
    private const int MaxReceiveWindow = 100_000;

    private static readonly PeerScript s_peer = new(Together(Frames.Syn(4), Frames.Data(4, "12345"), Frames.WndInc(3, 10)));

    [TestCaseSource(nameof(LegalCases))]
    public void What_is_legal_passes(byte[] sent) => Assert.That(() => Judge(sent), Throws.Nothing);

    [TestCaseSource(nameof(IllegalCases))]
    public void What_is_not_is_named(byte[] sent, string broken) =>
        Assert.That(() => Judge(sent), Throws.TypeOf<FuzzFailureException>().With.Message.Contains(broken));

    private static IEnumerable<TestCaseData> LegalCases()
    {
        yield return Legal("a stream", Frames.Syn(3), Frames.Data(3, "a"), Frames.DataFin(3, "b"), Frames.WndInc(3, 34_464), Frames.Rst(3, 7));
        yield return Legal("an answer", Frames.Data(4, "a"), Frames.WndInc(4, 5), Frames.Fin(4));
        yield return Legal("all that was granted", [Frames.Syn(3), .. Frames.Bulk(3, new byte[65_546])]);
        yield return Legal("a skipped id", Frames.Rst(2, 4));
        yield return Legal("a goodbye", Frames.GoAway(4, 1, "because"));
    }

    private static IEnumerable<TestCaseData> IllegalCases()
    {
        yield return Illegal("never granted", [Frames.Syn(3), .. Frames.Bulk(3, new byte[65_547])]);
        yield return Illegal("after its end", Frames.Syn(3), Frames.Fin(3), Frames.Data(3, "a"));
        yield return Illegal("after its end", Frames.Syn(3), Frames.Rst(3, 7), Frames.Data(3, "a"));
        yield return Illegal("after RST", Frames.Syn(3), Frames.Rst(3, 7), Frames.WndInc(3, 1));
        yield return Illegal("reset twice", Frames.Syn(3), Frames.Rst(3, 7), Frames.Rst(3, 7));
        yield return Illegal("can be due", Frames.WndInc(4, 34_470));
        yield return Illegal("which nobody opened", Frames.Data(3, "a"));
        yield return Illegal("which nobody opened", Frames.Data(2, "a"));
        yield return Illegal("which nobody opened", Frames.Rst(6, 7));
        yield return Illegal("after 5", Frames.Syn(5), Frames.Syn(3));
        yield return Illegal("SYN on stream 2", Frames.Syn(2));
        yield return Illegal("SYN with FIN", Frames.SynWithFin(3));
        yield return Illegal("with code 8", Frames.Syn(3), Frames.Rst(3, 8));
        yield return Illegal("never opened", Frames.GoAway(6, 0));
        yield return Illegal("internal error", Frames.GoAway(0, 2));
        yield return Illegal("no frame", Frames.Raw(7, 0, 3, 0));
    }

    private static TestCaseData Legal(string name, params WireFrame[] frames) => new TestCaseData(Together(frames)).SetArgDisplayNames(name);

    private static TestCaseData Illegal(string broken, params WireFrame[] frames) =>
        new TestCaseData(Together(frames), broken).SetArgDisplayNames($"{broken}: {string.Join(", ", frames.Take(3).Select(frame => frame.Type))}");

    private static byte[] Together(params WireFrame[] frames) => [.. frames.SelectMany(frame => frame.Bytes.ToArray())];

    private static void Judge(byte[] sent) =>
        PlainDecoder.Tell(sent, strictGoAway: true, new OutputRules(s_peer, isClient: true, MaxReceiveWindow));
}
