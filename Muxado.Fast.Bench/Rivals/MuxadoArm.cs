using System.Net;
using System.Runtime.CompilerServices;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Muxado.Fast: one session for each service, a stream per churn operation.</summary>
internal sealed class MuxadoArm(ArmServerAddress server, Func<IPEndPoint, ValueTask<MuxadoSession>> connect) : Arm(server)
{
    public const string Name = "muxado";

    private readonly Dictionary<IPEndPoint, MuxadoSession> _sessions = [];

    public static ArmEntry Entry { get; } = new DotNetEntry(
        Name,
        "Muxado.Fast",
        () => MuxadoServer.Start(socket => new(MuxadoSession.CreateServer(socket))),
        server => new MuxadoArm(server, async service => MuxadoSession.CreateClient(await LoopbackSocket.ConnectAsync(service))));

    public override bool KeepsStreams => true;

    public override bool Multiplexes => true;

    public override async ValueTask<IExchangeLane> OpenLaneAsync() => new Lane(await GetSessionAsync(Server.Echo));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) => (await GetSessionAsync(service)).OpenStream();

    public override async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values)
            await session.DisposeAsync();
    }

    private async ValueTask<MuxadoSession> GetSessionAsync(IPEndPoint service)
    {
        if (!_sessions.TryGetValue(service, out var session))
            _sessions[service] = session = await connect(service);
        return session;
    }

    private sealed class Lane(MuxadoSession session) : IExchangeLane
    {
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, Memory<byte> reply)
        {
            var stream = session.OpenHandle();
            try
            {
                await stream.WriteAsync(request, completeWrites: true);
                var total = 0;
                int count;
                while ((count = await stream.ReadAsync(reply[total..])) != 0)
                    total += count;
                return total;
            }
            finally
            {
                stream.Dispose();
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
