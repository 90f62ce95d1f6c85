using System.Net.Sockets;
using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>A TCP connection of which one direction has ended while the other goes on.</summary>
[TestFixture(Role.Client)]
[TestFixture(Role.Server)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class HalfClosedTests(Role role)
{
    /// <summary>More than the kernel takes of a peer that does not read.</summary>
    private static readonly byte[] s_content = Pattern.Bytes(64 * 1024 * 1024);

    private readonly uint _theirId = role == Role.Client ? 2u : 3u;
    private Socket _peer = null!;
    private MuxadoSession _session = null!;
    private MuxadoStream _stream = null!;

    [TearDown]
    public async Task Close()
    {
        _session.Abort();
        await _session.Completion.Soon();
        await _stream.DisposeAsync();
        _peer.Dispose();
    }

    [Test]
    public async Task A_peer_that_ends_its_side_and_reads_on_gets_what_was_written_up_to_the_end([Values] bool saysGoodbye)
    {
        await ConnectAsync();
        var write = _stream.WriteAsync(s_content);
        if (saysGoodbye)
            await SendAsync(Frames.GoAway(0, 0));

        _peer.Shutdown(SocketShutdown.Send);

        var expected = saysGoodbye ? MuxadoError.SessionClosed : MuxadoError.TransportFailed;
        Assert.That((await write.FailsSoon()).Error, Is.EqualTo(expected));
        Assert.That((await _session.Completion.Soon()).Error, Is.EqualTo(saysGoodbye ? MuxadoError.None : expected));
        await ReadHelloAsync();
        Assert.That((await _stream.ReadAsync(new byte[1]).FailsSoon()).Error, Is.EqualTo(expected));
        await ExpectPartOfTheContentAsync();
    }

    [Test]
    public async Task A_peer_that_ends_its_receiving_and_speaks_on_is_heard_until_it_has_taken_nothing_for_too_long()
    {
        await ConnectAsync(options => options.WriteStallTimeout = TimeSpan.FromMilliseconds(300));
        _peer.Shutdown(SocketShutdown.Receive);
        var write = _stream.WriteAsync(s_content);

        await ReadHelloAsync();

        Assert.That((await write.FailsSoon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
        Assert.That((await _session.Completion.Soon()).Error, Is.EqualTo(MuxadoError.TransportFailed));
    }

    /// <summary>The peer opens a stream, gives it all the credit that there is, and says something.</summary>
    private async Task ConnectAsync(Action<MuxadoSessionOptions>? configure = null)
    {
        var options = new MuxadoSessionOptions { HeartbeatInterval = Timeout.InfiniteTimeSpan };
        configure?.Invoke(options);
        var (socket, peer) = await SessionPair.ConnectSocketsAsync(TransportKind.Tcp);
        _peer = peer;
        _session = role == Role.Client ? MuxadoSession.CreateClient(socket, options) : MuxadoSession.CreateServer(socket, options);
        await SendAsync(Frames.Syn(_theirId), Frames.WndInc(_theirId, int.MaxValue - 65_536), Frames.Data(_theirId, "hello"));
        _stream = await _session.AcceptStreamAsync().Soon();
    }

    private async Task ReadHelloAsync()
    {
        var hello = new byte[5];
        await _stream.ReadExactlyAsync(hello).Soon();
        Assert.That(hello, Is.EqualTo("hello"u8.ToArray()));
    }

    private async Task ExpectPartOfTheContentAsync()
    {
        var text = WireText.Of(await SocketReading.ReceiveToEndAsync(_peer).Soon());
        Assert.That(text[_theirId].Content, Is.Not.Empty);
        Assert.That(s_content.AsSpan().StartsWith(text[_theirId].Content.ToArray()));
        Assert.That(text[_theirId].HasFin, Is.False);
    }

    private async Task SendAsync(params WireFrame[] frames) =>
        await _peer.SendAsync(frames.SelectMany(frame => frame.Bytes.ToArray()).ToArray()).Soon();
}
