using System.Net;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>A request whose body is written while the response is read: the client's side of a stream over HTTP/2.</summary>
internal sealed class Http2Stream : DuplexStream
{
    private readonly Body _body;
    private readonly HttpResponseMessage _response;
    private readonly Stream _reading;
    private readonly Stream _writing;

    private Http2Stream(Body body, HttpResponseMessage response, Stream reading, Stream writing)
    {
        _body = body;
        _response = response;
        _reading = reading;
        _writing = writing;
    }

    public static async ValueTask<Http2Stream> OpenAsync(HttpMessageInvoker client, Uri uri)
    {
        var body = new Body();
        var response = await client.SendAsync(Http2Arm.CreatePost(uri, body), CancellationToken.None);
        response.EnsureSuccessStatusCode();
        return new Http2Stream(body, response, await response.Content.ReadAsStreamAsync(), await body.Writing);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _reading.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WriteAsync(buffer, cancellationToken);
        await _writing.FlushAsync(cancellationToken);
    }

    public override async ValueTask DisposeAsync()
    {
        // In order: a response that is let go before its end resets the stream, and the server reports that.
        _body.Complete();
        await _reading.CopyToAsync(Null);
        _response.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>A request's body that ends when told so, written to from outside.</summary>
    private sealed class Body : HttpContent
    {
        private readonly TaskCompletionSource<Stream> _writing = new();
        private readonly TaskCompletionSource _completed = new();

        public Task<Stream> Writing => _writing.Task;

        public void Complete() => _completed.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            // The server answers as soon as it has the headers, and those wait for the first flush.
            await stream.FlushAsync();
            _writing.SetResult(stream);
            await _completed.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
