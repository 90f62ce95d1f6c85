using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Muxado.Fast.Tests.Cli;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>The memory of an echo server in a process of its own, as the system sees it, before and after attacks.</summary>
[Platform("Linux", Reason = "The resident size is read from /proc.")]
public sealed class ServerProcessTests
{
    private const int MiB = 1024 * 1024;
    private const int Repetitions = 2;

    /// <summary>Some 40 rounds are what the collector takes at most until the heap is as large as it stays.</summary>
    private const int MostRounds = 80;

    private const int RoundsTogether = 5;
    private const int NoiseBytes = 4 * MiB;

    private BenchProcess _server = null!;
    private IPEndPoint _address = null!;

    [SetUp]
    public async Task Serve()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        (_server, var port) = await BenchProcess.ServeAsync(0, tls: false, limit.Token);
        _address = new IPEndPoint(IPAddress.Loopback, port);
    }

    [TearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test, CancelAfter(120_000)]
    public async Task Ten_thousand_idle_connections_take_at_most_16_KiB_each(CancellationToken cancellationToken)
    {
        // Each takes a descriptor here and one in the server. Where the system allows fewer, fewer are made, and the bound is the same.
        const int Wanted = 10_000;
        const int Spare = 1000;
        var count = Math.Min(Wanted, DescriptorLimit() - Spare);
        Assert.That(count, Is.GreaterThanOrEqualTo(500), "too few descriptors for this to mean anything");
        var sockets = new List<Socket>(count);
        try
        {
            await EchoAsync();
            var before = _server.ResidentBytes;
            while (sockets.Count < count)
                sockets.Add(await ConnectAsync(cancellationToken));
            await EchoAsync(); // Connections are taken in order: now all are.

            var bytesPerConnection = (_server.ResidentBytes - before) / count;
            TestContext.Out.WriteLine($"{bytesPerConnection} B for each of {count} connections");
            Assert.That(bytesPerConnection, Is.LessThanOrEqualTo(16 * 1024));
        }
        finally
        {
            foreach (var socket in sockets)
                Cut(socket);
        }
    }

    [TestCaseSource(nameof(Attacks)), CancelAfter(120_000)]
    public async Task An_attack_leaves_nothing_behind(RemoteAttack attack, CancellationToken cancellationToken)
    {
        await EchoAsync();
        var rounds = 0;

        // What leaks grows with every round. What the server keeps for the next one, and what its collector has not come to, does not.
        await GrowsNoMoreAsync(together: 1);

        // By now it has all that it keeps. What is lost in the noise of one round shows in several.
        await GrowsNoMoreAsync(RoundsTogether);

        await EchoAsync();
        Assert.That(_server.ResidentBytes, Is.LessThan(200 * MiB));

        async Task GrowsNoMoreAsync(int together)
        {
            long grown;
            do
            {
                var before = _server.ResidentBytes;
                for (var n = 0; n < together * Repetitions; n++)
                    await attack.RunAsync(_address, cancellationToken);
                grown = _server.ResidentBytes - before;
                rounds += together;
            }
            while (grown > NoiseBytes && rounds < MostRounds);

            TestContext.Out.WriteLine($"{grown / 1024} KiB more in round {rounds} ({together} together), {_server.ResidentBytes / MiB} MiB in all");
            Assert.That(grown, Is.LessThanOrEqualTo(NoiseBytes), $"{together} together after {rounds} rounds");
        }
    }

    private static IEnumerable<TestCaseData> Attacks() => RemoteAttack.All.Select(attack => new TestCaseData(attack).SetArgDisplayNames(attack.Name));

    /// <summary>The server still serves.</summary>
    private async Task EchoAsync()
    {
        await using var session = await MuxadoSession.ConnectAsync(new MuxadoClientOptions { RemoteEndPoint = _address }).Soon();
        await using var stream = session.OpenStream();
        var write = stream.WriteAsync(Pattern.Bytes(100_000), completeWrites: true).Soon();
        Assert.That(await Pattern.VerifyToEndAsync(stream), Is.EqualTo(100_000));
        await write;
    }

    private async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_address, cancellationToken);
        return socket;
    }

    /// <summary>Closes by a reset, so that no port is held for a minute.</summary>
    private static void Cut(Socket socket)
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    private static int DescriptorLimit()
    {
        var line = File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        return int.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
    }
}
