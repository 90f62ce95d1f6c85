using System.Text;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>A session under test, in each role in turn, and a <see cref="RawPeer"/> that plays the other one.</summary>
/// <remarks>
/// Our own heartbeat is off unless a test turns it on, so that scripts need not step around it. Whatever a test does to its
/// sessions, each of them has to complete once it is aborted. Streams are disposed after the test.
/// </remarks>
[TestFixture(Role.Client)]
[TestFixture(Role.Server)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class ConformanceFixture(Role role)
{
    protected const int InitialWindow = 65_536;

    private readonly List<(MuxadoSession Session, RawPeer Peer)> _links = [];
    private readonly List<MuxadoStream> _streams = [];

    protected bool SessionIsClient { get; } = role == Role.Client;

    /// <summary>The id of the session's n-th stream, from 0, when it opens no heartbeat.</summary>
    protected uint Ours(int index) => (SessionIsClient ? 3u : 2u) + (2 * (uint)index);

    /// <summary>The id of the peer's n-th stream, from 0.</summary>
    protected uint Theirs(int index) => (SessionIsClient ? 2u : 3u) + (2 * (uint)index);

    protected async Task<(MuxadoSession Session, RawPeer Peer)> ConnectAsync(
        Action<MuxadoSessionOptions>? configure = null, int? outputBytes = null)
    {
        var options = new MuxadoSessionOptions { HeartbeatInterval = Timeout.InfiniteTimeSpan };
        configure?.Invoke(options);
        var (socket, peer) = await RawPeer.ConnectAsync(SessionIsClient, outputBytes);
        var session = SessionIsClient ? MuxadoSession.CreateClient(socket, options) : MuxadoSession.CreateServer(socket, options);
        _links.Add((session, peer));
        return (session, peer);
    }

    /// <summary>Lets the peer open its first stream, and accepts it.</summary>
    protected async Task<(MuxadoStream Stream, uint Id)> AcceptFirstAsync(MuxadoSession session, RawPeer peer)
    {
        await peer.SendAsync(Frames.Syn(Theirs(0)));
        return (await AcceptAsync(session), Theirs(0));
    }

    protected async Task<MuxadoStream> AcceptAsync(MuxadoSession session)
    {
        var stream = await session.AcceptStreamAsync().Soon();
        _streams.Add(stream);
        return stream;
    }

    /// <summary>Opens a stream and reads its SYN.</summary>
    protected async Task<(MuxadoStream Stream, uint Id)> OpenAsync(MuxadoSession session, RawPeer peer)
    {
        var stream = session.OpenStream();
        _streams.Add(stream);
        await peer.ExpectAsync(Frames.Syn(stream.Id));
        return (stream, stream.Id);
    }

    /// <summary>A stream that either side has opened.</summary>
    protected Task<(MuxadoStream Stream, uint Id)> StartAsync(MuxadoSession session, RawPeer peer, bool weOpened) =>
        weOpened ? OpenAsync(session, peer) : AcceptFirstAsync(session, peer);

    /// <summary>Takes all the credit that there is and lets the session write until the system takes no more, for the peer reads nothing.</summary>
    protected async Task<(MuxadoStream Stream, Task Write)> FillTheTransportAsync(MuxadoSession session, RawPeer peer)
    {
        var (stream, id) = await AcceptFirstAsync(session, peer);
        await peer.SendAsync(Frames.WndInc(id, int.MaxValue - InitialWindow));
        await peer.ExpectQuietAsync();
        var write = stream.WriteAsync(new byte[64 * 1024 * 1024]).AsTask();

        // The system's buffers grow while they fill: they are full when nothing has gone for a while.
        long sent;
        do
        {
            sent = session.GetSnapshot().BytesSent;
            await Task.Delay(100);
        }
        while (session.GetSnapshot().BytesSent > sent);
        return (stream, write);
    }

    /// <summary>
    /// Sends bytes that end within a frame, and among which there are some for the stream. A read waits for those, so it ends only when the session is done
    /// with all of them: the clock may be moved then.
    /// </summary>
    protected static async Task SendPartAsync(RawPeer peer, MuxadoStream stream, ReadOnlyMemory<byte> bytes)
    {
        var read = stream.ReadAsync(new byte[100]).AsTask();
        await peer.SendBytesAsync(bytes);
        Assert.That(await read.Soon(), Is.Positive);
    }

    /// <summary>Reads GOAWAY with the code and the end of the bytes, answers with the end of ours, and returns the completion.</summary>
    protected static async Task<(MuxadoSessionCloseInfo Info, GoAwayFrame GoAway)> ExpectSessionErrorAsync(
        MuxadoSession session, RawPeer peer, MuxadoErrorCode code)
    {
        var goAway = await peer.ExpectGoAwayAsync((uint)code);
        await peer.ExpectEndAsync();
        peer.EndSending();
        var info = await session.Completion.Soon();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(info.Error, Is.EqualTo(MuxadoError.ProtocolViolation));
            Assert.That(info.LocalCode, Is.EqualTo(code));
            Assert.That(info.PeerCode, Is.Null);
            Assert.That(info.Exception, Is.InstanceOf<MuxadoException>());
        }
        return (info, goAway);
    }

    /// <summary>The session has to end, for this reason.</summary>
    protected static async Task<MuxadoSessionCloseInfo> ExpectCompletionAsync(
        MuxadoSession session, MuxadoError error, MuxadoErrorCode? localCode = null, MuxadoErrorCode? peerCode = null)
    {
        var info = await session.Completion.Soon();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(info.Error, Is.EqualTo(error));
            if (localCode is not null)
                Assert.That(info.LocalCode, Is.EqualTo(localCode));
            Assert.That(info.PeerCode, Is.EqualTo(peerCode));
            Assert.That(info.Exception, error == MuxadoError.None ? Is.Null : Is.Not.Null);
        }
        return info;
    }

    protected static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    protected static async Task<byte[]> ReadAsync(Stream stream, int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes).Soon($"reading {count} bytes");
        return bytes;
    }

    protected static async Task<string> ReadTextAsync(Stream stream, int count) => Encoding.UTF8.GetString(await ReadAsync(stream, count));

    /// <summary>Reads a stream to its end.</summary>
    protected static async Task<byte[]> ReadToEndAsync(Stream stream)
    {
        using var content = new MemoryStream();
        await stream.CopyToAsync(content).Soon("reading to the end");
        return content.ToArray();
    }

    [TearDown]
    public async Task Every_session_completes_when_it_is_aborted()
    {
        foreach (var (session, peer) in _links)
        {
            session.Abort();
            await session.Completion.Soon();
            peer.Dispose();
        }

        // An application owns what it accepted or opened, also when the session is over: unread bytes are in rented memory.
        foreach (var stream in _streams)
            await stream.DisposeAsync().Soon();
    }
}
