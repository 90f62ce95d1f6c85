using System.Net;
using System.Net.Sockets;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>HTTP/2 without TLS: one connection for each service, a POST per churn operation.</summary>
internal sealed class Http2Arm(ArmServerAddress server) : Arm(server)
{
    public const string Name = "http2";

    // As much as one of our streams may have under way.
    public const int StreamWindowBytes = 1024 * 1024;

    // The invoker is what HttpClient adds its conveniences to.
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, _) =>
            new NetworkStream(
                await LoopbackSocket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port)), ownsSocket: true),
        EnableMultipleHttp2Connections = false,
        InitialHttp2StreamWindowSize = StreamWindowBytes,
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
    });

    public static ArmEntry Entry { get; } = new DotNetEntry(
        Name, ".NET HTTP/2", () => new Http2Server(), server => new Http2Arm(server));

    public override bool KeepsStreams => true;

    public override bool Multiplexes => true;

    public override ValueTask<IExchangeLane> OpenLaneAsync() => new(new Lane(_client, Uri(Server.Echo)));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) => await Http2Stream.OpenAsync(_client, Uri(service));

    public override ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A POST of what the server is to know is HTTP/2 from the first byte.</summary>
    public static HttpRequestMessage CreatePost(Uri uri, HttpContent content) => new(HttpMethod.Post, uri)
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = content,
    };

    private static Uri Uri(IPEndPoint service) => new($"http://{service}/");

    private sealed class Lane(HttpMessageInvoker client, Uri uri) : IExchangeLane
    {
        public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, Memory<byte> reply)
        {
            using var post = CreatePost(uri, new ReadOnlyMemoryContent(request));
            using var response = await client.SendAsync(post, CancellationToken.None);
            response.EnsureSuccessStatusCode();
            await using var body = await response.Content.ReadAsStreamAsync();
            return await body.ReadAtLeastAsync(reply, reply.Length, throwOnEndOfStream: false);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
