using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.AspNetCore;

/// <summary>One GiB through one request, each way: whole, in order, and never in memory at once.</summary>
[CancelAfter(60_000)]
public sealed class TransferTests
{
    private const long Length = 1L << 30;
    private const long MaxGrowthBytes = 32 << 20;

    private long _before;
    private long _peak;

    [SetUp]
    public void MeasureMemory() => _peak = _before = GC.GetTotalMemory(forceFullCollection: true);

    [Test]
    public async Task An_upload_of_1_GiB_arrives_whole([Values(HttpProtocols.Http1, HttpProtocols.Http2)] HttpProtocols protocols, CancellationToken cancellationToken)
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        await using var served = await ServedApplication.StartAsync(
            application => application.MapPost("/upload", async (HttpRequest request, CancellationToken aborted) =>
                $"{await CountedBlocks.CountIntactAsync(request.Body, NoteMemory, aborted)}"),
            protocols,
            configure: builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null));
        _ = served.EndPoint.ServeAsync(pair.Server, CancellationToken.None);
        using var client = CreateClient(pair.Client, protocols);
        using var content = new CountedContent();

        using var response = await client.PostAsync("http://app/upload", content, cancellationToken);

        Assert.That(await response.Content.ReadAsStringAsync(cancellationToken), Is.EqualTo($"{Length}"));
        Assert.That(_peak - _before, Is.LessThan(MaxGrowthBytes));
    }

    [Test]
    public async Task A_download_of_1_GiB_arrives_whole([Values(HttpProtocols.Http1, HttpProtocols.Http2)] HttpProtocols protocols, CancellationToken cancellationToken)
    {
        await using var pair = await SessionPair.ConnectAsync(TransportKind.Tcp);
        await using var served = await ServedApplication.StartAsync(
            application => application.MapGet("/download", (HttpContext context) => CountedBlocks.WriteAsync(context.Response.Body, Length, context.RequestAborted)),
            protocols);
        _ = served.EndPoint.ServeAsync(pair.Server, CancellationToken.None);
        using var client = CreateClient(pair.Client, protocols);

        await using var body = await client.GetStreamAsync("http://app/download", cancellationToken);
        long intact = await CountedBlocks.CountIntactAsync(body, NoteMemory, cancellationToken);

        Assert.That(intact, Is.EqualTo(Length));
        Assert.That(_peak - _before, Is.LessThan(MaxGrowthBytes));
    }

    private static HttpClient CreateClient(MuxadoSession session, HttpProtocols protocols) =>
        protocols == HttpProtocols.Http2 ? session.CreateHttp2Client() : session.CreateHttpClient();

    private void NoteMemory(long position)
    {
        if (position % (Length / 4) == 0)
            _peak = Math.Max(_peak, GC.GetTotalMemory(forceFullCollection: true));
    }

    private sealed class CountedContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
            CountedBlocks.WriteAsync(stream, Length, cancellationToken);

        protected override bool TryComputeLength(out long length)
        {
            length = Length;
            return true;
        }
    }
}
