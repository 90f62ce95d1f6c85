using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>Muxado.Fast: one session for each service, a stream per churn operation.</summary>
internal sealed class MuxadoArm(ArmServerAddress server, Func<IPEndPoint, ValueTask<MuxadoSession>> connect) : Arm(server)
{
    public const string Name = "muxado";

    private readonly ConcurrentDictionary<IPEndPoint, Lazy<Task<MuxadoSession>>> _sessions = [];

    public static ArmEntry Entry { get; } = new DotNetEntry(
        Name,
        "Muxado.Fast",
        () => MuxadoServer.Start((socket, options) => new(MuxadoSession.CreateServer(socket, options))),
        server => new MuxadoArm(server, async service => MuxadoSession.CreateClient(await LoopbackSocket.ConnectAsync(service))));

    public override bool KeepsStreams => true;

    public override bool Multiplexes => true;

    public override async ValueTask<IExchangeLane> OpenLaneAsync() => new Lane(await GetSessionAsync(Server.Echo));

    public override async ValueTask<Stream> OpenStreamAsync(IPEndPoint service) => (await GetSessionAsync(service)).OpenStream();

    public override async ValueTask DisposeAsync()
    {
        foreach (var session in _sessions.Values)
            await (await session.Value).DisposeAsync();
    }

    /// <summary>A session that is not shared with any other scenario; the caller disposes it.</summary>
    public async Task<MuxadoSession> ConnectAsync(IPEndPoint service) => await connect(service);

    // Many loops may ask at once before there is a session: they all get the same.
    private Task<MuxadoSession> GetSessionAsync(IPEndPoint service) =>
        _sessions.GetOrAdd(service, service => new(() => ConnectAsync(service))).Value;

    /// <summary>A stream of the session for each exchange.</summary>
    internal sealed class Lane(MuxadoSession session, MuxadoStreamOptions options = default) : IExchangeLane
    {
        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, Memory<byte> reply)
        {
            var stream = session.OpenHandle(options);
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
