using System.Runtime.CompilerServices;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>How many short exchanges a second: open, 64 B, echo, close, some number of them at a time.</summary>
internal static class Churn
{
    public const int PayloadBytes = 64;

    // Far enough apart that no two loops use the same operation number.
    private const long NumbersPerLoop = 1L << 32;

    public static async Task<Measurement> RunAsync(Arm arm, int concurrency, TimeSpan duration)
    {
        var lanes = new List<IExchangeLane>();
        for (var i = 0; i < concurrency; i++)
            lanes.Add(await arm.OpenLaneAsync());

        var tallies = lanes.Select(_ => new Tally()).ToArray();
        var slice = Slice.Begin(duration);
        await Task.WhenAll(lanes.Select((lane, i) => tallies[i].RunAsync(slice.DeadlineTimestamp, i * NumbersPerLoop, new Exchange(lane).RunAsync)));
        slice.End();

        foreach (var lane in lanes)
            await lane.DisposeAsync();
        return Tally.Sum(tallies, PayloadBytes, slice);
    }

    private sealed class Exchange(IExchangeLane lane)
    {
        // One byte more than is expected, so that the end is read too and an echo that is too long shows.
        private readonly byte[] _reply = new byte[PayloadBytes + 1];

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
        public async ValueTask RunAsync(long number)
        {
            var count = await lane.ExchangeAsync(Payload.Piece(number, 0, PayloadBytes), _reply);
            if (count != PayloadBytes || !Payload.Matches(_reply.AsSpan(0, count), number, 0))
                throw new InvalidDataException($"operation {number}: {count} bytes came back, or not the ones that were sent");
        }
    }
}
