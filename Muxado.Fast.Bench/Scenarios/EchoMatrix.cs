using System.Runtime.CompilerServices;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>
/// Any size echoed on any number of streams at once, each opened for one echo and closed after it; or on connections, in the arms
/// that open one for each.
/// </summary>
/// <remarks>
/// What fits one piece of payload goes as a short exchange: sent whole, then read. Anything larger is sent and read at the same
/// time, piece by piece, so that memory follows the number of streams and not the size, and no window of any arm can fill up
/// for good. Every loop does at least one operation however short the duration.
/// </remarks>
internal static class EchoMatrix
{
    // Far enough apart that no two loops use the same operation number.
    private const long NumbersPerLoop = 1L << 32;

    public static async Task<Measurement> RunAsync(Arm arm, long sizeBytes, int concurrency, TimeSpan duration)
    {
        var echoes = new List<Echo>();
        for (var i = 0; i < concurrency; i++)
            echoes.Add(sizeBytes <= Payload.MaxPieceBytes ? new ShortEcho(await arm.OpenLaneAsync(), (int)sizeBytes) : new LongEcho(arm, sizeBytes));

        var tallies = echoes.Select(_ => new Tally()).ToArray();
        var slice = Slice.Begin(duration);
        await Task.WhenAll(echoes.Select((echo, i) => tallies[i].RunAsync(slice.DeadlineTimestamp, i * NumbersPerLoop, echo.RunAsync)));
        slice.End();

        foreach (var echo in echoes)
            await echo.DisposeAsync();
        return Tally.Sum(tallies, sizeBytes, slice) with
        {
            Extra = new Dictionary<string, double> { ["sizeBytes"] = sizeBytes, ["streams"] = concurrency },
        };
    }

    /// <summary>What one loop does over and over.</summary>
    private abstract class Echo : IAsyncDisposable
    {
        public abstract ValueTask RunAsync(long number);

        public abstract ValueTask DisposeAsync();
    }

    private sealed class ShortEcho(IExchangeLane lane, int sizeBytes) : Echo
    {
        // One byte more than is expected, so that the end is read too and an echo that is too long shows.
        private readonly byte[] _reply = new byte[sizeBytes + 1];

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
        public override async ValueTask RunAsync(long number)
        {
            var count = await lane.ExchangeAsync(Payload.Piece(number, 0, sizeBytes), _reply);
            if (count != sizeBytes || !Payload.Matches(_reply.AsSpan(0, count), number, 0))
                throw new InvalidDataException($"operation {number}: {count} bytes came back, or not the ones that were sent");
        }

        public override ValueTask DisposeAsync() => lane.DisposeAsync();
    }

    private sealed class LongEcho(Arm arm, long sizeBytes) : Echo
    {
        private readonly byte[] _buffer = new byte[Payload.MaxPieceBytes];

        public override async ValueTask RunAsync(long number)
        {
            await using var stream = await arm.OpenStreamAsync(arm.Server.Echo);
            await Task.WhenAll(SendAsync(stream, number), ReceiveAsync(stream, number));
        }

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private async Task SendAsync(Stream stream, long number)
        {
            for (long offset = 0; offset < sizeBytes; offset += Payload.MaxPieceBytes)
                await stream.WriteAsync(Payload.Piece(number, offset, (int)Math.Min(Payload.MaxPieceBytes, sizeBytes - offset)));
        }

        // Wrong bytes are told at the end: to stop reading earlier would leave the sender waiting.
        private async Task ReceiveAsync(Stream stream, long number)
        {
            long right = 0;
            for (long offset = 0; offset < sizeBytes;)
            {
                var count = await stream.ReadAsync(_buffer.AsMemory(0, (int)Math.Min(_buffer.Length, sizeBytes - offset)));
                if (count == 0)
                    throw new EndOfStreamException($"operation {number}: the echo ended after {offset} of {sizeBytes} bytes");
                if (Payload.Matches(_buffer.AsSpan(0, count), number, offset))
                    right += count;
                offset += count;
            }

            if (right != sizeBytes)
                throw new InvalidDataException($"operation {number}: {right} of {sizeBytes} bytes came back right");
        }
    }
}
