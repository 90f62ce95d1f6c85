using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Muxado.Fast.AspNetCore;

namespace Muxado.Fast.Tests.Races;

/// <summary>A public method that takes a token, and how to wait in it.</summary>
/// <param name="Member">Type and method, with what tells it from its overloads behind a blank.</param>
/// <param name="CreateScene">Makes a scene.</param>
internal sealed record AwaitPoint(string Member, Func<AwaitScene> CreateScene)
{
    /// <summary>Whether it waits at all, or else only looks at its token.</summary>
    public bool Waits { get; init; } = true;

    /// <summary>How often it is raced with: fewer where a wait costs a connection.</summary>
    public int Races { get; init; } = 300;

    public static IReadOnlyList<AwaitPoint> All { get; } =
    [
        new("MuxadoStream.ReadAsync", () => new ReadScene((stream, memory, token) => stream.ReadAsync(memory.AsMemory(), token).AsTask())),
        new("MuxadoStream.ReadAsync array", () => new ReadScene((stream, memory, token) => stream.ReadAsync(memory, 0, memory.Length, token))),
        new("MuxadoStreamHandle.ReadAsync", () => new ReadScene((stream, memory, token) => stream.Handle.ReadAsync(memory, token).AsTask())),
        new("MuxadoStream.CopyToAsync", () => new CopyScene()),
        new("MuxadoStream.WriteAsync", () => new WriteScene((stream, memory, token) => stream.WriteAsync(memory.AsMemory(), token).AsTask())),
        new("MuxadoStream.WriteAsync array", () => new WriteScene((stream, memory, token) => stream.WriteAsync(memory, 0, memory.Length, token))),
        new("MuxadoStream.WriteAsync last", () => new WriteScene((stream, memory, token) => stream.WriteAsync(memory, completeWrites: true, token).AsTask(), completesWrites: true)),
        new("MuxadoStreamHandle.WriteAsync", () => new WriteScene((stream, memory, token) => stream.Handle.WriteAsync(memory, cancellationToken: token).AsTask())),
        new("MuxadoStreamHandle.WriteAsync last", () => new WriteScene((stream, memory, token) => stream.Handle.WriteAsync(memory, completeWrites: true, token).AsTask(), completesWrites: true)),
        new("MuxadoStream.FlushAsync", () => new ImmediateScene((_, stream, token) => stream.FlushAsync(token))) { Waits = false },

        new("PipeReader.ReadAsync", () => new PipeReadScene((input, token) => input.ReadAsync(token))),
        new("PipeReader.ReadAtLeastAsync", () => new PipeReadScene((input, token) => input.ReadAtLeastAsync(PipeReadScene.Bytes, token))),
        new("PipeReader.CopyToAsync", () => new PipeCopyScene()),
        new("PipeWriter.FlushAsync", () => new PipeFlushScene(PipeFlushScene.FlushOwnAsync)),
        new("PipeWriter.WriteAsync", () => new PipeFlushScene((output, memory, token) => output.WriteAsync(memory, token), isWrite: true)),

        new("MuxadoSession.ConnectAsync", () => new ConnectScene()) { Races = 60 },
        new("MuxadoSession.AcceptStreamAsync", () => new AcceptScene((session, token) => session.AcceptStreamAsync(token).AsTask())),
        new("MuxadoSession.AcceptHandleAsync", () => new AcceptScene(async (session, token) => (await session.AcceptHandleAsync(token)).AsStream())),
        new("MuxadoSession.AcceptStreamsAsync", () => new AcceptScene(FirstAsync)),
        new("MuxadoSession.OpenStreamAsync", () => new ImmediateScene((session, _, token) => session.OpenStreamAsync(default, token).AsTask())) { Waits = false },
        new("MuxadoSession.ConnectHttpAsync", () => new ImmediateScene((session, _, token) => session.ConnectHttpAsync(null!, token).AsTask())) { Waits = false },
        new("MuxadoSession.GoAwayAsync", () => new ImmediateScene((session, _, token) => session.GoAwayAsync(cancellationToken: token).AsTask())) { Waits = false },
        new("MuxadoSession.ShutdownAsync", () => new SessionEndScene((session, token) => session.ShutdownAsync(token).AsTask())),
        new("MuxadoSession.CloseAsync", () => new SessionEndScene((session, token) => session.CloseAsync(cancellationToken: token).AsTask())),
        new("MuxadoListener.ListenAsync", () => new ImmediateScene((_, _, token) => MuxadoListener.ListenAsync(LoopbackOptions(), token).AsTask())) { Waits = false },
        new("MuxadoListener.AcceptSessionAsync", () => new ListenerScene()) { Races = 3_000 },

        new("MuxadoSessionPool.OpenStreamAsync", () => new PoolScene((pool, token) => pool.OpenStreamAsync(default, token).AsTask())),
        new("MuxadoSessionPool.OpenHandleAsync", () => new PoolScene(OpenHandleAsync)),
        new("MuxadoSessionPool.ConnectHttpAsync", () => new PoolScene(ConnectHttpAsync)),
        new("MuxadoSessionPool.ExecuteAsync", () => new PoolScene((pool, token) => pool.ExecuteAsync(UseAsync, default, token).AsTask())),
        new("MuxadoSessionPool.ExecuteAsync result", () => new PoolScene(ExecuteAsync)),
        new("MuxadoSessionPool.ShutdownAsync", () => new PoolShutdownScene()),

        new("MuxadoEndPoint.ServeAsync", () => new ServeScene(isBound: true)),
        new("MuxadoEndPoint.ServeAsync unbound", () => new ServeScene(isBound: false)),
        new("MuxadoTransportFactory.BindAsync", () => new ImmediateScene((_, _, token) => BindAsync(token))) { Waits = false },
    ];

    /// <summary>The type and the method.</summary>
    public string Method => Member.Split(' ')[0];

    private static async Task<MuxadoStream> FirstAsync(MuxadoSession session, CancellationToken cancellationToken)
    {
        await foreach (var stream in session.AcceptStreamsAsync(cancellationToken))
            return stream;
        throw new InvalidOperationException("The session has ended.");
    }

    private static async Task<MuxadoStream> OpenHandleAsync(MuxadoSessionPool pool, CancellationToken cancellationToken) =>
        (await pool.OpenHandleAsync(default, cancellationToken)).AsStream();

    private static async Task<MuxadoStream> ConnectHttpAsync(MuxadoSessionPool pool, CancellationToken cancellationToken) =>
        (MuxadoStream)await pool.ConnectHttpAsync(null!, cancellationToken);

    /// <summary>An operation that finishes its stream by itself.</summary>
    private static ValueTask UseAsync(MuxadoStream stream, CancellationToken cancellationToken)
    {
        stream.Abort();
        return default;
    }

    private static async Task ExecuteAsync(MuxadoSessionPool pool, CancellationToken cancellationToken) =>
        await pool.ExecuteAsync(
            async (stream, token) =>
            {
                await UseAsync(stream, token);
                return true;
            },
            default,
            cancellationToken);

    private static async Task BindAsync(CancellationToken cancellationToken) =>
        await new MuxadoTransportFactory(NullLoggerFactory.Instance, Options.Create(new MuxadoTransportOptions())).BindAsync(new MuxadoEndPoint(), cancellationToken);

    private static MuxadoListenerOptions LoopbackOptions() => new() { ListenEndPoint = new IPEndPoint(IPAddress.Loopback, 0) };
}
