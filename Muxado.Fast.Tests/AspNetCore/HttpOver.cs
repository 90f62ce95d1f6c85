using System.Net;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>HTTP clients whose connections are streams of a session.</summary>
internal static class HttpOver
{
    public static HttpClient CreateHttpClient(this MuxadoSession session) => new(session.CreateHttpHandler());

    /// <summary>With prior knowledge that the server speaks HTTP/2.</summary>
    public static HttpClient CreateHttp2Client(this MuxadoSession session) => new(session.CreateHttpHandler())
    {
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public static SocketsHttpHandler CreateHttpHandler(this MuxadoSession session) =>
        new() { ConnectCallback = session.ConnectHttpAsync, UseProxy = false };
}
