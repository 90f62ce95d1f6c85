using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;

namespace Muxado.Fast.Bench.Echo;

/// <summary>Echoes one stream after another, allocating nothing between them.</summary>
/// <remarks>
/// Owner: the pool while idle, its stream while busy.
/// Threading: <see cref="Take"/> is called by whoever got the worker from the pool, and runs the echo on that thread until it
/// first has to wait: no hop is added to a short stream.
/// Invariants: a worker in the pool waits at its inbox, or is about to.
/// Reuse: the loop, its buffer and its inbox live as long as the worker; one that the pool does not keep is garbage.
/// </remarks>
internal sealed class EchoWorker : IValueTaskSource<MuxadoStreamHandle>
{
    public const int BufferBytes = 32 * 1024;

    private readonly ObjectPool<EchoWorker> _pool;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private ManualResetValueTaskSourceCore<MuxadoStreamHandle> _inbox;

    private EchoWorker(ObjectPool<EchoWorker> pool)
    {
        _pool = pool;
        _ = RunAsync();
    }

    public static ObjectPool<EchoWorker> CreatePool(int maximumRetained)
    {
        var policy = new Policy();
        return policy.Pool = new DefaultObjectPool<EchoWorker>(policy, maximumRetained);
    }

    public void Take(MuxadoStreamHandle stream) => _inbox.SetResult(stream);

    MuxadoStreamHandle IValueTaskSource<MuxadoStreamHandle>.GetResult(short token) => _inbox.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<MuxadoStreamHandle>.GetStatus(short token) => _inbox.GetStatus(token);

    void IValueTaskSource<MuxadoStreamHandle>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _inbox.OnCompleted(continuation, state, token, flags);

    private async Task RunAsync()
    {
        while (true)
        {
            var stream = await new ValueTask<MuxadoStreamHandle>(this, _inbox.Version);
            try
            {
                while (true)
                {
                    var count = await stream.ReadAsync(_buffer);
                    var ended = count == 0 || Gather(stream, ref count);
                    await stream.WriteAsync(_buffer.AsMemory(0, count), completeWrites: ended);
                    if (ended)
                        break;
                }
            }
            catch (MuxadoException)
            {
                // The stream was reset or its session ended: there is no one left to echo to.
            }
            catch (Exception unexpected)
            {
                await Console.Error.WriteLineAsync($"echo failed: {unexpected}");
            }

            stream.Dispose();
            _inbox.Reset();
            _pool.Return(this);
        }
    }

    /// <summary>Adds what is there already, so that few writes go out and the FIN rides on the last. Returns whether the end was seen.</summary>
    private bool Gather(MuxadoStreamHandle stream, ref int count)
    {
        while (count < _buffer.Length && stream.TryRead(_buffer.AsSpan(count), out var more))
        {
            if (more == 0)
                return true;
            count += more;
        }

        return false;
    }

    private sealed class Policy : IPooledObjectPolicy<EchoWorker>
    {
        public ObjectPool<EchoWorker> Pool { get; set; } = null!;

        public EchoWorker Create() => new(Pool);

        public bool Return(EchoWorker obj) => true;
    }
}
