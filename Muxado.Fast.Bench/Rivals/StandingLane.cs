using System.Runtime.CompilerServices;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>A lane that does all its exchanges on one stream, which it owns.</summary>
internal sealed class StandingLane(Stream stream) : IExchangeLane
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, Memory<byte> reply)
    {
        await stream.WriteAsync(request);
        return await stream.ReadAtLeastAsync(reply, request.Length, throwOnEndOfStream: false);
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
