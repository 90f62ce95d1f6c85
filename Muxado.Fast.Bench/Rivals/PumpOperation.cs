using System.Threading.Tasks.Sources;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>What a pump stream's reader or writer awaits; reused for every operation of its direction.</summary>
internal sealed class PumpOperation : IValueTaskSource<int>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<int> _core;

    public short Version => _core.Version;

    public void Begin() => _core.Reset();

    public void End(in TransportResult result)
    {
        if (result.Error is null)
            _core.SetResult(result.Bytes);
        else
            _core.SetException(result.Error);
    }

    public int GetResult(short token) => _core.GetResult(token);

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
