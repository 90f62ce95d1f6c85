using System.Runtime.CompilerServices;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>How long 64 B take there and back on what is open already.</summary>
internal static class PingPong
{
    public const int PayloadBytes = 64;

    public static async Task<Measurement> RunAsync(Arm arm, TimeSpan duration)
    {
        await using var stream = await arm.OpenStreamAsync(arm.Server.Echo);
        var tally = new Tally();
        var reply = new byte[PayloadBytes];
        var slice = Slice.Begin(duration);
        await tally.RunAsync(slice.DeadlineTimestamp, 0, PingAsync);
        slice.End();
        return Tally.Sum([tally], PayloadBytes, slice);

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
        async ValueTask PingAsync(long number)
        {
            await stream.WriteAsync(Payload.Piece(number, 0, PayloadBytes));
            await stream.ReadExactlyAsync(reply);
            if (!Payload.Matches(reply, number, 0))
                throw new InvalidDataException($"ping {number}: not the bytes that were sent came back");
        }
    }
}
