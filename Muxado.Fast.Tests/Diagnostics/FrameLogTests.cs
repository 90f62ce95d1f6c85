using System.Text.RegularExpressions;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Diagnostics;

/// <summary>The lines of <see cref="MuxadoFrameLog"/>, which docs/diagnostics.md explains.</summary>
public sealed partial class FrameLogTests : DiagnosticsFixture
{
    [Test, CancelAfter(30_000)]
    public async Task A_conversation_reads_as_documented()
    {
        var text = new StringWriter { NewLine = "\n" };
        var (session, peer) = await ConnectAsync(configure: options => options.FrameTap = new MuxadoFrameLog(text));
        Clock.Advance(TimeSpan.FromSeconds((10 * 3600) + (20 * 60) + 30.123456));
        var stream = Own(session.OpenStream(new MuxadoStreamOptions { Priority = 7, StreamType = 42 }));
        await stream.WriteAsync("hello"u8.ToArray()).Soon();
        await peer.ExpectAsync(Frames.Syn(3, 7, 42), Frames.Data(3, "hello"));
        Clock.Advance(TimeSpan.FromMilliseconds(1));
        await SendAsync(Frames.WndInc(3, 65_536), Frames.DataFin(3, new byte[600]));
        await stream.WriteAsync(default, completeWrites: true).Soon();
        await peer.ExpectAsync(Frames.Fin(3));
        await SendAsync(Frames.Heartbeat(2), Frames.SynWithFin(4), Frames.Rst(4, 7), Frames.SynWithType(6, 99), Frames.Rst(6, 4711), Frames.Syn(8));
        await Timing.Until(() => session.GetSnapshot().QueuedStreams == 1, "what was logged has been acted upon, too");
        await session.GoAwayAsync(MuxadoErrorCode.Cancel, "good\nbye"u8.ToArray());
        await peer.ExpectGoAwayAsync(7);
        await SendAsync(Frames.GoGoAway(3, 0, debugBytes: 5));
        await SendAsync(Frames.Raw(type: 9, flags: 0, id: 3, length: 4));
        await peer.ExpectGoAwayAsync(1);

        var lines = Number().Replace(text.ToString(), " #1 ").ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
        Assert.That(lines, Is.EqualTo(new[]
        {
            "10:20:30.123456 #1 client -> SYN          3      8 B  priority 7, type 0x2A",
            "10:20:30.123456 #1 client -> DATA         3      5 B",
            "10:20:30.124456 #1 client <- WND_INC      3      4 B  +65536 B",
            "10:20:30.124456 #1 client <- DATA         3    600 B  FIN",
            "10:20:30.124456 #1 client -> DATA         3      0 B  FIN",
            "10:20:30.124456 #1 client <- SYN          2      8 B  priority 2147483647, heartbeat, type 0xFFFFFEFF",
            "10:20:30.124456 #1 client <- SYN          4      0 B  FIN",
            "10:20:30.124456 #1 client <- RST          4      4 B  Cancel, code 7",
            "10:20:30.124456 #1 client <- SYN          6      4 B  type 0x63",
            "10:20:30.124456 #1 client <- RST          6      4 B  code 4711",
            "10:20:30.124456 #1 client <- SYN          8      0 B",
            "10:20:30.124456 #1 client -> GOAWAY       0     16 B  last stream 8, Cancel, code 7, says \"good.bye\"",
            "10:20:30.124456 #1 client <- GOAWAY       0     21 B  last stream 3, NoError, code 0",
            "10:20:30.124456 #1 client <- TYPE_9       3      4 B  illegal: frame of unknown type 9 on stream 3 (header 0004000900000003): the peer does not speak muxado generation 1",
            "10:20:30.124456 #1 client -> GOAWAY       0    114 B  last stream 8, ProtocolError, code 1, says \"frame of unknown type 9 on stream 3 (header 0004000900000003): the peer does not speak muxado generation 1\"",
        }));

        // Waits until the session has seen it all, so that the lines come in one order only.
        async Task SendAsync(params WireFrame[] frames)
        {
            var before = text.ToString().Split('\n').Length;
            await peer.SendAsync(frames);
            await Timing.Until(() => text.ToString().Split('\n').Length >= before + frames.Length, $"the frames have come:\n{text}");
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task Sessions_that_share_a_log_do_not_mix_their_lines()
    {
        var text = new StringWriter();
        var log = new MuxadoFrameLog(text);
        await Task.WhenAll(Enumerable.Range(1, 4).Select(session => Task.Run(() =>
        {
            for (var i = 0; i < 1000; i++)
                log.OnFrame(new MuxadoFrame { SessionNumber = session, Type = MuxadoFrameType.Data, StreamId = 3, Length = i });
        }))).Soon();

        var lines = text.ToString().Split(Environment.NewLine);
        Assert.That(lines, Has.Length.EqualTo(4001));
        Assert.That(lines[..^1].Where(line => !Whole().IsMatch(line)), Is.Empty);
    }

    [GeneratedRegex(" #[0-9]+ ")]
    private static partial Regex Number();

    [GeneratedRegex("^00:00:00.000000 #[1-4] server -> DATA         3 +[0-9]+ B$")]
    private static partial Regex Whole();
}
