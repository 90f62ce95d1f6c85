using System.Net;
using Nerdbank.Streams;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Nerdbank.Streams: one multiplexing stream for each service, an anonymous channel per churn operation.</summary>
internal sealed class NerdbankArm(ArmServerAddress server) : Arm(server)
{
    public const string Name = "nerdbank";

    private readonly Dictionary<IPEndPoint, MultiplexingStream> _connections = [];

    public static ArmEntry Entry { get; } = new DotNetEntry(
        Name, "Nerdbank.Streams", NerdbankServer.Start, server => new NerdbankArm(server));

    public override bool KeepsStreams => true;

    public override bool Multiplexes => true;

    public override async ValueTask<IExchangeLane> OpenLaneAsync() => new Lane(await GetConnectionAsync(Server.Echo));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) =>
        (await GetConnectionAsync(service)).CreateChannel(NerdbankOptions.Channel).AsStream();

    public override async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Values)
            await connection.DisposeAsync();
    }

    private async ValueTask<MultiplexingStream> GetConnectionAsync(IPEndPoint service)
    {
        if (!_connections.TryGetValue(service, out var connection))
        {
            var socket = await LoopbackSocket.ConnectAsync(service);
            _connections[service] = connection = NerdbankOptions.Create(socket);
            connection.StartListening();
        }

        return connection;
    }

    private sealed class Lane(MultiplexingStream connection) : IExchangeLane
    {
        public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, Memory<byte> reply)
        {
            // The library sends what was written once the other end has accepted the channel: no arm is spared that round trip.
            var channel = connection.CreateChannel(NerdbankOptions.Channel);
            await channel.Output.WriteAsync(request);
            await channel.Output.CompleteAsync();
            var total = 0;
            while (true)
            {
                var read = await channel.Input.ReadAsync();
                foreach (var segment in read.Buffer)
                {
                    segment.CopyTo(reply[total..]);
                    total += segment.Length;
                }

                channel.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    break;
            }

            await channel.Input.CompleteAsync();
            return total;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
