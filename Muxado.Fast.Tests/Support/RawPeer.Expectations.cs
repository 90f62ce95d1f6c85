using NUnit.Framework;

namespace Muxado.Fast.Tests.Support;

public sealed partial class RawPeer
{
    /// <summary>How much credit the session has given on a stream so far, in bytes, beyond the first 65,536.</summary>
    public long CreditFor(uint id) => _credit.GetValueOrDefault(id);

    /// <summary>The next frames, bit for bit and in this order.</summary>
    public async Task ExpectAsync(params WireFrame[] expected)
    {
        foreach (var frame in expected)
        {
            var next = await NextAsync($"{frame}", IsIncidental(frame));
            if (!frame.Equals(next))
                throw Unexpected($"{frame}");
        }
    }

    /// <summary>The next bytes of a stream, however they are cut into frames; with FIN on the last frame, or on one of its own, if wanted.</summary>
    public async Task<byte[]> ExpectDataAsync(uint id, int count, bool thenFin = false)
    {
        var awaited = $"{count} bytes on stream {id}{(thenFin ? ", then FIN" : "")}";
        var content = new List<byte>(count);
        var finished = false;
        while (content.Count < count || (thenFin && !finished))
        {
            var frame = await NextAsync($"{awaited} ({content.Count} came)");
            if (frame is not { Type: WireType.Data } || frame.StreamId != id || finished)
                throw Unexpected(awaited);
            content.AddRange(frame.Payload);
            finished = frame.HasFin;
        }
        if (content.Count > count || finished != thenFin)
            throw Unexpected($"{awaited} ({content.Count} came{(finished ? ", then FIN" : "")})");
        return [.. content];
    }

    /// <summary>Reads until the session has given this much credit on a stream in all.</summary>
    public async Task ExpectCreditAsync(uint id, long credit)
    {
        while (CreditFor(id) < credit)
        {
            if (await NextAsync($"credit of {credit} on stream {id} ({CreditFor(id)} came)", orIncidental: true) is not { Type: WireType.WndInc })
                throw Unexpected($"credit of {credit} on stream {id}");
        }
    }

    /// <summary>The next frame, which has to be an honest GOAWAY with this code.</summary>
    public async Task<GoAwayFrame> ExpectGoAwayAsync(uint code)
    {
        var frame = await NextAsync($"GOAWAY with code {code}");
        if (frame is not { Type: WireType.GoAway, HasHonestMark: true, StreamId: 0 } || frame.PayloadWord(1) != code)
            throw Unexpected($"an honest GOAWAY with code {code}");
        return new GoAwayFrame(frame);
    }

    /// <summary>The end of the session's bytes, by an orderly close.</summary>
    public async Task ExpectEndAsync()
    {
        if (await NextAsync("the end of the connection") is not null)
            throw Unexpected("the end of the connection");
    }

    /// <summary>The next beat of the session's own heartbeat.</summary>
    public async Task<WireFrame> ExpectBeatAsync()
    {
        WireFrame? frame;
        do
            frame = await ReceiveAsync("a heartbeat");
        while (frame is not null && (frame.Type != WireType.Data || frame.StreamId != _sessionHeartbeatId));
        return frame ?? throw Unexpected("a heartbeat");
    }

    /// <summary>
    /// Checks that the session has nothing to say about all that it was sent: twice it is asked for an echo, and only the echoes
    /// come. The second one comes after whatever was queued when the first was.
    /// </summary>
    public async Task ExpectQuietAsync()
    {
        await PingAsync();
        await PingAsync();
    }

    /// <summary>The same, and nothing comes on one stream meanwhile, no credit either.</summary>
    public async Task ExpectQuietOnAsync(uint id)
    {
        var before = _received.Count;
        await ExpectQuietAsync();
        if (_received.Skip(before).Any(frame => frame.StreamId == id))
            throw Unexpected($"nothing on stream {id}");
    }

    /// <summary>Sends a heartbeat and waits for the echo: the session has then seen all that went before.</summary>
    public async Task PingAsync()
    {
        if (_heartbeatId == 0)
        {
            _heartbeatId = _highestSyn == 0 ? _firstId : _highestSyn + 2;
            await SendAsync(Frames.Heartbeat(_heartbeatId));
        }
        byte[] beat = [0xBE, 0xA7, (byte)(++_pings >> 8), (byte)_pings];
        await SendAsync(Frames.Data(_heartbeatId, beat));
        await ExpectAsync(Frames.Data(_heartbeatId, beat));
    }

    private async Task<WireFrame?> NextAsync(string awaited, bool orIncidental = false)
    {
        WireFrame? frame;
        do
            frame = await ReceiveAsync(awaited);
        while (frame is not null && !orIncidental && IsIncidental(frame));
        return frame;
    }

    private bool IsIncidental(WireFrame frame) =>
        frame.Type == WireType.WndInc || (frame.Type == WireType.Data && frame.StreamId == _sessionHeartbeatId);

    private AssertionException Unexpected(string expected) => new($"Expected {expected}. {History()}");

    private string History()
    {
        const int Shown = 12;
        return _received.Count == 0
            ? "No frame came."
            : $"{_received.Count} frames came, the last ones were:\n  {string.Join("\n  ", _received.TakeLast(Shown))}";
    }
}
