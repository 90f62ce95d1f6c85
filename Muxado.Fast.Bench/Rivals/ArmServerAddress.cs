using System.Net;
using System.Text.Json.Serialization;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Where an arm's server echoes, and where it swallows bulk.</summary>
/// <param name="EchoPort">The port of the echo service.</param>
/// <param name="SinkPort">The port of the bulk receiver.</param>
/// <param name="Addresses">On how many loopback addresses, from 127.0.0.1 up, both are served.</param>
/// <param name="CertificateSha256">The hash of the one certificate that the client is to trust, in hexadecimal; null without TLS.</param>
/// <param name="WideSinkPort">The port of a bulk receiver whose windows may grow to what a long line needs; 0 in arms that no long line is for.</param>
internal sealed record ArmServerAddress(
    int EchoPort, int SinkPort, int Addresses, string? CertificateSha256 = null, int WideSinkPort = 0)
{
    [JsonIgnore]
    public IPEndPoint Echo => new(IPAddress.Loopback, EchoPort);

    [JsonIgnore]
    public IPEndPoint Sink => new(IPAddress.Loopback, SinkPort);

    [JsonIgnore]
    public IPEndPoint WideSink => new(IPAddress.Loopback, WideSinkPort);
}
