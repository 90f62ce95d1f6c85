using System.IO.Pipelines;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>A stream that is used as a duplex pipe: both ends at once, each until it is completed.</summary>
internal sealed partial class SimulatedPipe : SimulatedEnd
{
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private int _openEnds = 2;

    public SimulatedPipe(SimulationRun run, Side side, MuxadoStream stream, Conversation conversation)
        : base(run, side, stream, conversation)
    {
        IDuplexPipe pipe = stream.AsDuplexPipe();
        _input = pipe.Input;
        _output = pipe.Output;
    }

    public override async Task UseAsync()
    {
        await Task.WhenAll(ReadAsync(), WriteAsync(), DisturbAsync());
        Run.OnEndDone(Conversation);
    }

    private async Task DisturbAsync()
    {
        while (_openEnds > 0 && Dice.Chance(0.5))
        {
            await Clock.Delay(Dice.Time(TimeSpan.FromSeconds(2)));
            switch (Dice.Between(0, 4))
            {
                case 0:
                    Run.Trace.Add(Side, "cancel pending read", Conversation.Id);
                    _readsToCancel++;
                    _input.CancelPendingRead();
                    break;
                case 1:
                    Run.Trace.Add(Side, "cancel pending flush", Conversation.Id);
                    _flushesToCancel++;
                    _output.CancelPendingFlush();
                    break;
                case 2:
                    SetDeadline(isRead: true);
                    break;
                case 3:
                    if (!_isOutputCompleted)
                        SetDeadline(isRead: false);
                    break;
                default:
                    if (!Plan.IsFair && !IsDisposed)
                        Abort();
                    break;
            }
        }
    }

    /// <summary>The second end that is completed disposes the stream.</summary>
    private void OnEndCompleted(bool tears)
    {
        if (tears)
            Conversation.Tear();
        _openEnds--;
        IsDisposed = _openEnds == 0;
    }
}
