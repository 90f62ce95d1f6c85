using System.Diagnostics.CodeAnalysis;
using Muxado.Fast.Bench.Rivals;

namespace Muxado.Fast.Bench.Scenarios;

/// <summary>A session of its own with many streams open on which nothing moves, kept by handle at both ends.</summary>
/// <remarks>
/// Owner: a scenario.
/// Threading: one caller at a time.
/// Invariants: what both ends keep the handles in exists before the first stream does, so what grows with the streams is the engine's.
/// </remarks>
internal sealed class IdleStreams : IAsyncDisposable
{
    // Enough that round trips do not count, few enough that what is pooled for operations under way stays small.
    private const int StreamsAtOnce = 256;

    private readonly StreamService _service;
    private readonly MuxadoStreamHandle[] _streams;
    private readonly byte[] _byte = new byte[1];
    private readonly RemoteMemory _remote;

    private IdleStreams(MuxadoSession session, StreamService service, int capacity)
    {
        Session = session;
        _service = service;
        _streams = new MuxadoStreamHandle[capacity];
        _remote = new RemoteMemory(session);
    }

    public MuxadoSession Session { get; }

    public int Count { get; private set; }

    /// <param name="arm">Connects the session.</param>
    /// <param name="used">Whether each stream has one byte echoed before it becomes idle, or is opened and accepted only.</param>
    /// <param name="capacity">How many streams there may be.</param>
    public static async Task<IdleStreams> ConnectAsync(MuxadoArm arm, bool used, int capacity)
    {
        var session = await arm.ConnectAsync(arm.Server.Sink);
        var streams = new IdleStreams(session, used ? StreamService.EchoOneAndHold : StreamService.Hold, capacity);
        await streams.MeasureServerAsync();
        return streams;
    }

    /// <summary>Opens streams until there are so many. When it returns the server may not have accepted the last of them.</summary>
    public async Task GrowAsync(int count)
    {
        while (Count < count)
        {
            var first = Count;
            var last = Math.Min(first + StreamsAtOnce, count);
            for (; Count < last; Count++)
                _streams[Count] = Session.OpenHandle(new MuxadoStreamOptions { StreamType = (uint)_service });
            if (_service == StreamService.EchoOneAndHold)
                await EchoOneAsync(first, last);
        }
    }

    /// <summary>The server's memory once it holds every stream.</summary>
    public Task<MemoryUse> MeasureServerAsync() => _remote.MeasureAsync(_streams.Length, Count);

    /// <summary>Starts a read on every stream, into the caller's tasks and all into the same byte. Nothing is expected to arrive.</summary>
    [SuppressMessage("Reliability", "CA2012", Justification = "They must wait and are never awaited; a task for each would be memory too.")]
    public void StartReads(ValueTask<int>[] pending)
    {
        for (var i = 0; i < Count; i++)
            pending[i] = _streams[i].ReadAsync(_byte);
    }

    public async ValueTask DisposeAsync()
    {
        await _remote.DisposeAsync();
        await Session.DisposeAsync();
    }

    private async Task EchoOneAsync(int first, int last)
    {
        for (var i = first; i < last; i++)
            await _streams[i].WriteAsync(Payload.Piece(i, 0, 1));
        for (var i = first; i < last; i++)
        {
            if (await _streams[i].ReadAsync(_byte) != 1 || !Payload.Matches(_byte, i, 0))
                throw new InvalidDataException($"idle stream {i}: its one byte did not come back");
        }
    }
}
