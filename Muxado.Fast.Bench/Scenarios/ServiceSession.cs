using System.Buffers.Binary;
using Microsoft.Extensions.ObjectPool;
using Muxado.Fast.Bench.Echo;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>
/// The server's side of one session on which several kinds of streams meet: each stream's type tells its
/// <see cref="StreamService"/>.
/// </summary>
/// <remarks>
/// Owner: the arm's server.
/// Threading: one accept loop; streams are served where their reads complete.
/// Invariants: every stream that is kept is in <see cref="_held"/>, so that nothing but the engine's own memory grows with them
/// once the array is long enough.
/// </remarks>
internal sealed class ServiceSession(MuxadoSession session)
{
    // The scenarios choose how many streams there are; the limits are not what they measure.
    private const int MaxStreams = 1_000_000;
    private const int WideWindowBytes = 32 * 1024 * 1024;

    private static readonly ObjectPool<EchoWorker> s_echoWorkers = EchoWorker.CreatePool(maximumRetained: 1024);

    private MuxadoStreamHandle[] _held = [];
    private int _heldCount;

    public static MuxadoSessionOptions Options => new() { AcceptBacklog = MaxStreams, MaxInboundStreams = MaxStreams };

    /// <summary>The same with windows for a long line, where the default maximum and not the line would be what is measured.</summary>
    public static MuxadoSessionOptions WideOptions
    {
        get
        {
            var options = Options;
            options.MaxReceiveWindow = WideWindowBytes;
            return options;
        }
    }

    public async Task RunAsync()
    {
        await using (session)
        {
            try
            {
                while (true)
                    Serve(await session.AcceptHandleAsync());
            }
            catch (MuxadoException)
            {
                // The client is done.
            }
        }
    }

    private void Serve(MuxadoStreamHandle stream)
    {
        switch ((StreamService)stream.StreamType)
        {
            case StreamService.Echo:
                s_echoWorkers.Get().Take(stream);
                break;
            case StreamService.Hold:
                Hold(stream);
                break;
            case StreamService.EchoOneAndHold:
                _ = SocketServer.ReportFailureAsync(EchoOneAndHoldAsync(stream));
                break;
            case StreamService.Memory:
                _ = SocketServer.ReportFailureAsync(TellMemoryAsync(stream));
                break;
            default:
                _ = SocketServer.ReportFailureAsync(SocketServer.SinkAsync(stream.AsStream()));
                break;
        }
    }

    private async Task EchoOneAndHoldAsync(MuxadoStreamHandle stream)
    {
        var one = new byte[1];
        if (await stream.ReadAsync(one) == 0)
            throw new EndOfStreamException($"stream {stream.Id} ended before its first byte");
        await stream.WriteAsync(one);
        Hold(stream);
    }

    private void Hold(MuxadoStreamHandle stream) => _held[Interlocked.Increment(ref _heldCount) - 1] = stream;

    private async Task TellMemoryAsync(MuxadoStreamHandle handle)
    {
        await using var stream = handle.AsStream();
        var message = new byte[RemoteMemory.MessageBytes];
        while (await stream.ReadAtLeastAsync(message, message.Length, throwOnEndOfStream: false) == message.Length)
        {
            var capacity = (int)BinaryPrimitives.ReadInt64BigEndian(message);
            var expected = (int)BinaryPrimitives.ReadInt64BigEndian(message.AsSpan(sizeof(long)));
            if (_held.Length < capacity)
                Array.Resize(ref _held, capacity);
            while (Volatile.Read(ref _heldCount) < expected)
                await Task.Delay(1);

            var used = MemoryUse.Measure();
            BinaryPrimitives.WriteInt64BigEndian(message, used.HeapBytes);
            BinaryPrimitives.WriteInt64BigEndian(message.AsSpan(sizeof(long)), used.ResidentBytes);
            await stream.WriteAsync(message);
        }
    }
}
