using System.Collections.Concurrent;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A session, its peer, and the one stream that is raced for at the moment; one race after the other.</summary>
/// <remarks>Owner: a <see cref="RaceCourse"/>. Threading: the racing threads call what an action starts, the owner all else.</remarks>
internal sealed class Race(MuxadoSession session, IRacePeer peer, int racers)
{
    /// <summary>Small enough to be copied; large enough to be sent from the writer's memory, and four times no more than the window; more than the window.</summary>
    private static readonly int[] s_writeSizes = [100, 16_000, 70_000];

    private readonly byte[][] _readMemory = [.. Enumerable.Range(0, racers).Select(_ => new byte[16])];
    private readonly byte[][] _writeMemory = [.. Enumerable.Range(0, racers).Select(_ => new byte[s_writeSizes[^1]])];
    private readonly int[] _readCounts = new int[racers];
    private readonly ConcurrentQueue<MuxadoStream> _others = [];
    private readonly ConcurrentQueue<uint> _peerIds = [];
    private readonly List<(uint Id, long Least, long Most, bool Ends)> _expected = [];
    private uint _lastPeerId;

    public MuxadoSession Session { get; } = session;

    public IRacePeer Peer { get; } = peer;

    public MuxadoStream Stream { get; private set; } = null!;

    public uint Id { get; private set; }

    /// <summary>Whether the peer has opened the stream.</summary>
    public bool IsInbound { get; private set; }

    public int WriteBytes { get; private set; }

    /// <summary>Whether the window takes every write of the race.</summary>
    public bool WritesFit => WriteBytes < s_writeSizes[^1];

    /// <summary>Opens the next race's stream, from this side or from the peer's, and says a first byte on it.</summary>
    public async Task BeginAsync(int round)
    {
        // A period of six, of which sessions that serve every second race see all as well.
        IsInbound = round % 2 == 0;
        WriteBytes = s_writeSizes[round % s_writeSizes.Length];
        foreach (var memory in _readMemory)
            Array.Clear(memory);
        foreach (var memory in _writeMemory)
            Array.Fill(memory, SentFrames.Content);

        if (IsInbound)
        {
            Id = NextPeerId();
            Peer.Send(Frames.Syn(Id));
            while ((Stream = await Session.AcceptStreamAsync().Soon()).Id != Id)
                await Stream.DisposeAsync(); // Of a race before, whose reset is still on its way.
        }
        else
        {
            Stream = Session.OpenStream();
            Id = Stream.Id;
        }

        await Stream.WriteAsync(new[] { SentFrames.Content }).Soon();
    }

    public async Task ReadAsync(int racer) => _readCounts[racer] = await Stream.ReadAsync(_readMemory[racer]).ConfigureAwait(false);

    public async Task WriteAsync(int racer, bool completeWrites)
    {
        try
        {
            await Stream.WriteAsync(_writeMemory[racer].AsMemory(0, WriteBytes), completeWrites).ConfigureAwait(false);
        }
        finally
        {
            // The memory is the writer's again, whichever way the write has ended.
            Array.Fill(_writeMemory[racer], (byte)0xEE);
        }
    }

    public void Open() => _others.Enqueue(Session.OpenStream());

    public async Task AcceptAsync() => _others.Enqueue(await Session.AcceptStreamAsync().ConfigureAwait(false));

    public void LetPeerOpen()
    {
        var id = NextPeerId();
        _peerIds.Enqueue(id);
        Peer.Send(Frames.Syn(id));
    }

    /// <summary>How many bytes a read has reported.</summary>
    public int ReadCount(int racer) => _readCounts[racer];

    /// <summary>Fails unless exactly what was reported lies in a reader's memory.</summary>
    public void VerifyRead(int racer, int count) =>
        Assert.That(_readMemory[racer].AsSpan().TrimEnd((byte)0).SequenceEqual("xxxx"u8[..count]), $"a read of {count} bytes left other bytes in its memory");

    /// <summary>So many writes have to arrive at the peer, of so many others any beginning may, and if the stream's end was said, that has to arrive too.</summary>
    public void Expect(int writes, int cutOff, bool ends) =>
        _expected.Add((Id, 1 + ((long)writes * WriteBytes), 1 + ((long)(writes + cutOff) * WriteBytes), ends));

    /// <summary>Lets go of every stream of the race, and has the peer do so too.</summary>
    public void Finish()
    {
        Stream.Dispose();
        Peer.Send(Frames.Rst(Id, RaceAction.Cancel));
        while (_others.TryDequeue(out var other))
        {
            var id = other.Id;
            other.Dispose();
            Peer.Send(Frames.Rst(id, RaceAction.Cancel));
        }

        while (_peerIds.TryDequeue(out var id))
            Peer.Send(Frames.Rst(id, RaceAction.Cancel));
    }

    /// <summary>Closes a session that must be in order, and without streams.</summary>
    public async Task CloseAsync()
    {
        await Timing.Until(() => Session.ActiveStreams == 0 && Session.GetSnapshot().Streams.Count == 0, "no stream is left in the session");
        Assert.That(Session.Completion.IsCompleted, Is.False, "nothing has ended the session");
        await Session.DisposeAsync().Soon();
        Assert.That((await Session.Completion).Error, Is.EqualTo(MuxadoError.None));
        await VerifySentAsync(isWhole: true);
        VerifyExpected();
    }

    /// <summary>Takes what the peer had opened before the session ended, so that nothing is left in it.</summary>
    public async Task ForgetUnacceptedAsync()
    {
        await foreach (var stream in Session.AcceptStreamsAsync())
            await stream.DisposeAsync();
        await Timing.Until(() => Session.GetSnapshot().Streams.Count == 0, "no stream is left in the session");
    }

    public async Task VerifySentAsync(bool isWhole)
    {
        await Peer.DrainAsync();
        Peer.Sent.Verify(isWhole);
    }

    /// <summary>Fails unless everything has arrived that had to. No more is on its way.</summary>
    public void VerifyExpected()
    {
        foreach (var (id, least, most, ends) in _expected)
        {
            Assert.That(Peer.Sent.DataBytes(id), Is.InRange(least, most), $"bytes sent on stream {id}");
            if (ends)
                Assert.That(Peer.Sent.IsHalfClosed(id), Is.True, $"the half-close of stream {id} was sent");
        }
    }

    private uint NextPeerId() => _lastPeerId = _lastPeerId switch
    {
        0 => Session.IsClient ? 2u : 3u,
        var last => last + 2,
    };
}
