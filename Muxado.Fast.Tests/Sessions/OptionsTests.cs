using System.Net;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class OptionsTests
{
    private static readonly Dictionary<string, Action<MuxadoSessionOptions>> s_mistakes = new()
    {
        ["HeartbeatInterval of zero"] = o => o.HeartbeatInterval = TimeSpan.Zero,
        ["HeartbeatInterval below zero"] = o => o.HeartbeatInterval = TimeSpan.FromSeconds(-3),
        ["HeartbeatTolerance below zero"] = o => o.HeartbeatTolerance = TimeSpan.FromSeconds(-3),
        ["AcceptBacklog of zero"] = o => o.AcceptBacklog = 0,
        ["AcceptBacklog below zero"] = o => o.AcceptBacklog = -1,
        ["MaxInboundStreams of zero"] = o => o.MaxInboundStreams = 0,
        ["MaxInboundStreams below zero"] = o => o.MaxInboundStreams = -1,
        ["EarlyResetBurst of zero"] = o => o.EarlyResetBurst = 0,
        ["EarlyResetsPerSecond below zero"] = o => o.EarlyResetsPerSecond = -1,
        ["MaxQueuedControlFrames of zero"] = o => o.MaxQueuedControlFrames = 0,
        ["MaxQueuedControlFrames too many"] = o => o.MaxQueuedControlFrames = 65_537,
        ["MaxGoAways of zero"] = o => o.MaxGoAways = 0,
        ["MaxInboundExtensionStreams of zero"] = o => o.MaxInboundExtensionStreams = 0,
        ["MaxReceiveWindow too small"] = o => o.MaxReceiveWindow = 64 * 1024 - 1,
        ["MaxReceiveWindow too large"] = o => o.MaxReceiveWindow = 1024 * 1024 * 1024 + 1,
        ["SessionReceiveBudget below zero"] = o => o.SessionReceiveBudget = -1,
        ["WriteStallTimeout of zero"] = o => o.WriteStallTimeout = TimeSpan.Zero,
        ["WriteStallTimeout below zero"] = o => o.WriteStallTimeout = TimeSpan.FromSeconds(-3),
        ["PartialFrameTimeout of zero"] = o => o.PartialFrameTimeout = TimeSpan.Zero,
        ["PartialFrameTimeout below zero"] = o => o.PartialFrameTimeout = TimeSpan.FromSeconds(-3),
        ["CloseTimeout of zero"] = o => o.CloseTimeout = TimeSpan.Zero,
        ["CloseTimeout infinite"] = o => o.CloseTimeout = Timeout.InfiniteTimeSpan,
        ["Extensions missing"] = o => o.Extensions = null!,
        ["Extensions with a hole"] = o => o.Extensions = [null!],
        ["Extensions of one type twice"] = o => o.Extensions = [new Idle(0xFFFFFF05), new Idle(0xFFFFFF05)],
        ["Extensions on the heartbeat's type"] = o => o.Extensions = [new Idle(MuxadoExtension.FirstReservedStreamType)],
        ["BusyPoll negative"] = o => o.BusyPoll = TimeSpan.FromTicks(-1),
        ["BusyPoll too long"] = o => o.BusyPoll = TimeSpan.FromMilliseconds(11),
        ["Scheduling unknown"] = o => o.Scheduling = (MuxadoScheduling)3,
        ["TimeProvider missing"] = o => o.TimeProvider = null!,
    };

    private static IEnumerable<string> Mistakes => s_mistakes.Keys;

    [TestCaseSource(nameof(Mistakes))]
    public async Task Creating_a_session_with_a_wrong_option_names_it(string mistake)
    {
        var options = new MuxadoSessionOptions();
        s_mistakes[mistake](options);
        var (clientEnd, serverEnd) = MemoryDuplex.CreatePair();
        var (clientSocket, serverSocket) = await SessionPair.ConnectSocketsAsync(TransportKind.Tcp);

        AssertNamed(mistake, () => MuxadoSession.CreateClient(clientEnd, options));
        AssertNamed(mistake, () => MuxadoSession.CreateServer(serverEnd, options));
        AssertNamed(mistake, () => MuxadoSession.CreateClient(clientSocket, options));
        AssertNamed(mistake, () => MuxadoSession.CreateServer(serverSocket, options));
        clientSocket.Dispose();
        serverSocket.Dispose();
    }

    [TestCaseSource(nameof(Mistakes))]
    public async Task Connecting_with_a_wrong_option_names_it_before_anything_is_dialled(string mistake)
    {
        var options = new MuxadoClientOptions { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1) };
        s_mistakes[mistake](options);

        var failure = await Fails.With<ArgumentException>(() => MuxadoSession.ConnectAsync(options).AsTask());

        Assert.That(failure.Message, Does.Contain(OptionOf(mistake)));
    }

    [Test]
    public async Task Connecting_without_an_end_point_names_it()
    {
        var failure = await Fails.With<ArgumentException>(
            () => MuxadoSession.ConnectAsync(new MuxadoClientOptions { RemoteEndPoint = null! }).AsTask());

        Assert.That(failure.Message, Does.Contain("RemoteEndPoint"));
    }

    [Test]
    public void Creating_a_session_over_nothing_is_rejected()
    {
        Assert.That(() => MuxadoSession.CreateClient((Stream)null!), Throws.ArgumentNullException);
        Assert.That(() => MuxadoSession.CreateServer((System.Net.Sockets.Socket)null!), Throws.ArgumentNullException);
    }

    [Test]
    public void Creating_a_session_over_a_stream_that_is_not_duplex_is_rejected()
    {
        using var readOnly = new MemoryStream(new byte[10], writable: false);

        Assert.That(() => MuxadoSession.CreateClient(readOnly), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public async Task The_extreme_values_of_every_option_are_accepted()
    {
        await using var smallest = await SessionPair.ConnectAsync(clientOptions: new MuxadoSessionOptions
        {
            HeartbeatInterval = Timeout.InfiniteTimeSpan,
            HeartbeatTolerance = TimeSpan.Zero,
            AcceptBacklog = 1,
            MaxInboundStreams = 1,
            MaxReceiveWindow = 64 * 1024,
            SessionReceiveBudget = 0,
            WriteStallTimeout = Timeout.InfiniteTimeSpan,
            PartialFrameTimeout = Timeout.InfiniteTimeSpan,
            CloseTimeout = TimeSpan.FromSeconds(1),
        });
        await using var largest = await SessionPair.ConnectAsync(clientOptions: new MuxadoSessionOptions
        {
            HeartbeatInterval = TimeSpan.FromDays(20),
            HeartbeatTolerance = TimeSpan.FromDays(20),
            AcceptBacklog = int.MaxValue,
            MaxInboundStreams = int.MaxValue,
            MaxReceiveWindow = 1024 * 1024 * 1024,
            SessionReceiveBudget = long.MaxValue,
            WriteStallTimeout = TimeSpan.FromDays(20),
            PartialFrameTimeout = TimeSpan.FromDays(20),
            CloseTimeout = TimeSpan.FromDays(20),
        });

        foreach (var pair in new[] { smallest, largest })
        {
            var (opened, accepted) = await pair.OpenAsync();
            var writing = accepted.WriteAsync(Pattern.Bytes(500_000), completeWrites: true).AsTask();
            Assert.That(await Pattern.VerifyToEndAsync(opened), Is.EqualTo(500_000));
            await writing.Soon();
        }
    }

    [Test]
    public async Task Options_changed_after_creation_change_nothing()
    {
        var options = new MuxadoSessionOptions { AcceptBacklog = 10 };
        await using var pair = await SessionPair.ConnectAsync(serverOptions: options);

        options.AcceptBacklog = 0;
        options.MaxInboundStreams = 0;
        options.Extensions = null!;

        await pair.OpenAsync();
        await pair.OpenAsync();
    }

    private static void AssertNamed(string mistake, Action creating)
    {
        var failure = Assert.Throws(Is.InstanceOf<ArgumentException>(), creating);
        Assert.That(failure!.Message, Does.Contain(OptionOf(mistake)));
    }

    private static string OptionOf(string mistake) => mistake.Split(' ')[0];

    private sealed class Idle(uint streamType) : MuxadoExtension(streamType)
    {
        protected internal override Task OnStreamAsync(MuxadoExtensionContext session, MuxadoStream stream, CancellationToken sessionEnded) =>
            Task.CompletedTask;
    }
}
