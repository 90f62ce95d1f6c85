using System.Net;
using System.Runtime.CompilerServices;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>One TCP connection with a TLS handshake for each operation. Sessions are resumed if the runtime does so by default.</summary>
internal sealed class TlsPerOperationArm(ArmServerAddress server) : Arm(server)
{
    public const string Name = "tls-per-operation";

    private readonly LoopbackRotation _rotation = new(server);
    private readonly TlsClient _tls = new(server);

    public static ArmEntry Entry { get; } = new DotNetEntry(
        Name, "TLS connection per operation", SslStreamArm.StartServer, server => new TlsPerOperationArm(server));

    public override bool KeepsStreams => false;

    public override bool Multiplexes => false;

    public override ValueTask<IExchangeLane> OpenLaneAsync() => new(new Lane(this));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) =>
        await _tls.AuthenticateAsync(await _rotation.ConnectAsync(service.Port));

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Lane(TlsPerOperationArm arm) : IExchangeLane
    {
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, Memory<byte> reply)
        {
            await using var stream = await arm.OpenStreamAsync(arm.Server.Echo);
            await stream.WriteAsync(request);
            return await stream.ReadAtLeastAsync(reply, request.Length, throwOnEndOfStream: false);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
