using Muxado.Fast.Bench.Micro.Sessions;
using Muxado.Fast.Framing;
using Muxado.Fast.Sessions;
using Muxado.Fast.Streams;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>The frame that closes is the last. On a socket, a byte after its end would be a failed send, and a reset that overtakes the goodbye.</summary>
public sealed class GoodbyeTests
{
    private const uint PeerId = 2;

    private static readonly Dictionary<string, Action<SessionOutput, StreamCore>> s_late = new()
    {
        ["SYN"] = (output, _) => output.AppendSyn(id: 5, priority: 0, streamType: 0),
        ["DATA"] = (output, stream) => output.TryAppendData(stream, "late"u8, fin: false),
        ["FIN"] = (output, stream) => output.AppendFin(stream),
        ["RST"] = (output, _) => output.AppendReset(PeerId, MuxadoErrorCode.RefusedStream, isProvoked: true),
        ["credit"] = (output, stream) => output.GrantCredit(stream, creditBytes: 1),
        ["GOAWAY"] = (output, _) => output.AppendGoAway(lastId: 0, MuxadoErrorCode.NoError, default, closes: false),
        ["a second goodbye"] = (output, _) => output.AppendGoAway(lastId: 0, MuxadoErrorCode.InternalError, default, closes: true),
    };

    private static string[] Late => [.. s_late.Keys];

    [Test]
    public void Nothing_follows_it_whatever_is_queued_then([ValueSource(nameof(Late))] string frame, [Values] bool hasLeft)
    {
        var transport = new PreparedTransport(canSendWithoutCopy: true);
        var engine = new SessionEngine(null!, transport, isClient: true, new MuxadoSessionOptions());
        Assert.That(engine.Streams.TryOpen(new MuxadoStreamOptions(), StreamState.None, int.MaxValue, out var stream, out _));
        engine.Output.Flush();
        var goodbye = transport.Recording = [];

        engine.Output.AppendGoAway(PeerId, MuxadoErrorCode.Cancel, default, closes: true);
        if (hasLeft)
            engine.Output.Flush();
        s_late[frame](engine.Output, stream!);
        engine.Output.Flush();

        Assert.That(goodbye, Is.EqualTo(Goodbye()));
        Assert.That(engine.Output.HasUnflushed, Is.False);
        engine.Abort();
    }

    private static byte[] Goodbye()
    {
        var frame = new byte[Wire.GoAwayFixedBytes];
        FrameEncoder.WriteGoAway(frame, PeerId, MuxadoErrorCode.Cancel, default);
        return frame;
    }
}
