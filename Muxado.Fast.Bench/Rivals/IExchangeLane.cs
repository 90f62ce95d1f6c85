namespace Muxado.Fast.Bench.Rivals;

/// <summary>Where one loop does request-and-echo exchanges, one after another.</summary>
internal interface IExchangeLane : IAsyncDisposable
{
    /// <summary>Sends the request and reads its echo into <paramref name="reply"/>, which is longer. Returns how many bytes came.</summary>
    ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, Memory<byte> reply);
}
