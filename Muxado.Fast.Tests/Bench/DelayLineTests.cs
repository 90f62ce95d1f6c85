using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Muxado.Fast.Bench.Scenarios;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench;

/// <summary>The line that a scenario measures through: late by what it promises, and otherwise as if it were not there.</summary>
public sealed class DelayLineTests
{
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(20);

    [Test, CancelAfter(30_000)]
    public async Task Bytes_come_out_unchanged_and_in_order_both_ways(CancellationToken cancellationToken)
    {
        // A prime, so that the ring wraps within pieces.
        await using var ends = await Ends.ConnectAsync(TimeSpan.FromMilliseconds(1), bytesUnderWay: 65_521, cancellationToken);
        var there = RandomBytes(1, 1_000_000);
        var back = RandomBytes(2, 1_000_000);
        var gotThere = new byte[there.Length];
        var gotBack = new byte[back.Length];
        await Task.WhenAll(
            ends.Near.WriteAsync(there, cancellationToken).AsTask(),
            ends.Far.WriteAsync(back, cancellationToken).AsTask(),
            ends.Far.ReadExactlyAsync(gotThere, cancellationToken).AsTask(),
            ends.Near.ReadExactlyAsync(gotBack, cancellationToken).AsTask());
        Assert.That(gotThere.AsSpan().SequenceEqual(there));
        Assert.That(gotBack.AsSpan().SequenceEqual(back));
    }

    [Test, CancelAfter(30_000)]
    public async Task No_byte_comes_before_its_time([Values] bool back, CancellationToken cancellationToken)
    {
        await using var ends = await Ends.ConnectAsync(s_delay, bytesUnderWay: 65_536, cancellationToken);
        var (from, to) = back ? (ends.Far, ends.Near) : (ends.Near, ends.Far);
        var piece = new byte[10];
        for (var i = 0; i < 5; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await from.WriteAsync(piece, cancellationToken);
            await to.ReadExactlyAsync(piece, cancellationToken);
            Assert.That(Stopwatch.GetElapsedTime(start), Is.GreaterThanOrEqualTo(s_delay));
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task What_is_under_way_for_a_round_trip_is_bounded(CancellationToken cancellationToken)
    {
        const int bound = 64 * 1024;
        const int rounds = 10;
        await using var ends = await Ends.ConnectAsync(s_delay, bound, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        var sending = ends.Near.WriteAsync(new byte[rounds * bound], cancellationToken).AsTask();
        await ends.Far.ReadExactlyAsync(new byte[rounds * bound], cancellationToken);
        Assert.That(Stopwatch.GetElapsedTime(start), Is.GreaterThanOrEqualTo((rounds - 1) * 2 * s_delay));
        await sending;
    }

    [Test, CancelAfter(30_000)]
    public async Task The_end_comes_after_the_last_byte(CancellationToken cancellationToken)
    {
        await using var ends = await Ends.ConnectAsync(s_delay, bytesUnderWay: 65_536, cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await ends.Near.WriteAsync(new byte[3], cancellationToken);
        ends.Near.Socket.Shutdown(SocketShutdown.Send);
        Assert.That(await ends.Far.ReadAtLeastAsync(new byte[4], 4, throwOnEndOfStream: false, cancellationToken), Is.EqualTo(3));
        Assert.That(Stopwatch.GetElapsedTime(start), Is.GreaterThanOrEqualTo(s_delay));

        // The other way is still open.
        await ends.Far.WriteAsync(new byte[2], cancellationToken);
        await ends.Near.ReadExactlyAsync(new byte[2], cancellationToken);
    }

    [Test, CancelAfter(30_000)]
    public async Task Taking_the_line_down_cuts_what_is_connected(CancellationToken cancellationToken)
    {
        await using var ends = await Ends.ConnectAsync(s_delay, bytesUnderWay: 65_536, cancellationToken);
        await Task.Run(ends.Line.Dispose, cancellationToken).Soon();
        Assert.That(await ReadsEndAsync(ends.Near, cancellationToken));
        Assert.That(await ReadsEndAsync(ends.Far, cancellationToken));
    }

    private static async Task<bool> ReadsEndAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAsync(new byte[1], cancellationToken) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static byte[] RandomBytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A connection through a line, both of its ends in hand.</summary>
    private sealed class Ends(DelayLine line, NetworkStream near, NetworkStream far) : IAsyncDisposable
    {
        public DelayLine Line => line;

        public NetworkStream Near => near;

        public NetworkStream Far => far;

        public static async Task<Ends> ConnectAsync(TimeSpan oneWayDelay, int bytesUnderWay, CancellationToken cancellationToken)
        {
            using var listener = CreateSocket();
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            var line = new DelayLine((IPEndPoint)listener.LocalEndPoint!, oneWayDelay, bytesUnderWay, CreateSocket);
            var near = CreateSocket();
            await near.ConnectAsync(line.EndPoint, cancellationToken);
            var far = await listener.AcceptAsync(cancellationToken);
            return new Ends(line, new NetworkStream(near, ownsSocket: true), new NetworkStream(far, ownsSocket: true));
        }

        public async ValueTask DisposeAsync()
        {
            await near.DisposeAsync();
            await far.DisposeAsync();
            line.Dispose();
        }

        private static Socket CreateSocket() => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    }
}
