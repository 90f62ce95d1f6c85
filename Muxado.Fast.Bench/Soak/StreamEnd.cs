using System.Diagnostics.CodeAnalysis;
using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Soak;

/// <summary>
/// One end of one stream: says what its party has to say, hears what the other says, and checks all of it, while one disturbance of its
/// own choice may strike. Whatever fails must have a reason in what either party or the <see cref="Link"/> did.
/// </summary>
/// <remarks>
/// Owner: a <see cref="Worker"/>'s loop.
/// Threading: <see cref="SayAsync"/> and <see cref="HearAsync"/> run beside each other.
/// Invariants: a failure of one of the two is left to end the other, too: what does not wake it is a hang, and noticed.
/// </remarks>
internal abstract class StreamEnd : Watchdog.IStateful
{
    private const int MaxTotalBytes = 200_000;

    private readonly Conversation _conversation;
    private readonly Link _link;
    private readonly bool _isClient;
    private readonly bool _isOpener;

    protected StreamEnd(Worker worker, Link link, bool isClient, Conversation conversation, bool isOpener)
    {
        Worker = worker;
        _link = link;
        _isClient = isClient;
        _conversation = conversation;
        _isOpener = isOpener;
        Own = isOpener ? conversation.Opener : conversation.Acceptor;
        Peer = conversation.PeerOf(Own);
        SayingDice = Context.DiceFor(conversation.Number, isOpener ? 1 : 2);
        HearingDice = Context.DiceFor(conversation.Number, isOpener ? 3 : 4);
        Plan = ChoosePlan();
        TotalBytes = SayingDice.Chance(0.1) ? SayingDice.Between(0, MaxTotalBytes) : SayingDice.Size(MaxTotalBytes);
        worker.Reads.Subject = worker.Writes.Subject = this;
    }

    protected Worker Worker { get; }

    protected SoakContext Context => Worker.Context;

    protected Conversation.Party Own { get; }

    protected Conversation.Party Peer { get; }

    /// <summary>What this end does to the stream, or null for nothing.</summary>
    protected Disturbance? Plan { get; }

    protected Dice SayingDice { get; }

    protected Dice HearingDice { get; }

    /// <summary>How much there is to say.</summary>
    protected int TotalBytes { get; }

    /// <summary>Whether the stream was opened without a say of its opener.</summary>
    public bool IsMute { get; init; }

    public static StreamEnd Create(Worker worker, Link link, bool isClient, Conversation conversation, bool isOpener, MuxadoStream stream, bool isMute = false) =>
        worker.Context.DiceFor(conversation.Number, isOpener ? 5 : 6).Chance(0.25)
            ? new PipeEnd(worker, link, isClient, conversation, isOpener, stream) { IsMute = isMute }
            : new HandleEnd(worker, link, isClient, conversation, isOpener, stream) { IsMute = isMute };

    /// <summary>Runs it to its end, and lets the stream go. Returns why it came to an early one.</summary>
    public async Task<Exception?> RunAsync()
    {
        // On a thread of its own: a synchronous write that waits for the peer must not keep this end from hearing it.
        var saying = Task.Run(() => GuardAsync(IsMute ? Task.CompletedTask : SayAsync()));
        var failure = await GuardAsync(HearAsync());
        failure = await saying ?? failure;
        if (failure is not null)
            Own.HasLeft = true;
        await ReleaseAsync(failure);
        if (_isOpener)
            Context.Tally.CountStream();
        return failure;
    }

    public override string ToString() =>
        $"stream {_conversation.Number} ({(_isOpener ? "opened" : "accepted")} by the {(_isClient ? "client" : "server")}, {GetType().Name}, {Plan?.ToString() ?? "undisturbed"}) on {_link}";

    public string DescribeState() => _link.DescribeState();

    protected abstract Task SayAsync();

    protected abstract Task HearAsync();

    /// <summary>Resets the stream, from any thread.</summary>
    protected abstract void Abort(MuxadoErrorCode code);

    protected abstract ValueTask ReleaseAsync(Exception? failure);

    protected static void Check([DoesNotReturnIf(false)] bool isRight, string wrong)
    {
        if (!isRight)
            throw new WrongException(wrong);
    }

    protected static void Check(string? wrong)
    {
        if (wrong is not null)
            throw new WrongException(wrong);
    }

    /// <summary>Whether there is any reason for the stream to have ended before its time.</summary>
    protected bool MayHaveEnded => Own.HasAborted || Own.HasLeft || Peer.HasAborted || Peer.HasLeft || _link.IsDisturbed || _link.IsTight;

    private Disturbance? ChoosePlan()
    {
        Disturbance? plan = SayingDice.Between(1, 100) switch
        {
            <= 15 => Disturbance.CancelOperation,
            <= 25 => Disturbance.PassDeadline,
            <= 33 => Disturbance.AbortStream,
            <= 41 => Disturbance.DisposeStream,
            _ => null,
        };

        // A session takes a peer for an attacker that resets many streams before they are answered; that is not what is looked for here.
        var resets = plan is Disturbance.AbortStream or Disturbance.DisposeStream;
        return resets && _isOpener && !_link.TryTakeReset(_isClient) ? null : plan;
    }

    private async Task<Exception?> GuardAsync(Task saysOrHears)
    {
        try
        {
            await saysOrHears;
            return null;
        }
        catch (Exception failure)
        {
            if (Explain(failure) is { } wrong)
            {
                Context.Tally.Report($"{this}: {wrong}");
                Own.NoteAbort(MuxadoErrorCode.InternalError);
                Abort(MuxadoErrorCode.InternalError);
            }

            return failure;
        }
    }

    /// <summary>Null when what failed may have; else what is wrong with it.</summary>
    private string? Explain(Exception failure)
    {
        switch (failure)
        {
            case WrongException wrong:
                return wrong.Message;
            case ObjectDisposedException when Own.HasLeft:
                return null;
            case MuxadoException { IsRetrySafe: true } when !_isOpener:
                return $"the accepting end is told that it has never seen the stream: {failure.Message}";
            case MuxadoException { IsRetrySafe: true } when !_conversation.TryGiveUp():
                return $"it is said to be safe to retry, but the peer's application has seen it: {failure.Message}";
            case MuxadoException { Error: MuxadoError.StreamAborted } reset:
                return Own.MayReset(reset.ErrorCode) || Peer.MayReset(reset.ErrorCode) ? null : $"nobody reset it like that: {reset.Message}";
            case MuxadoException ended:
                return _link.Explain(ended, _isClient, isStream: true);
            default:
                return $"unexpected: {failure}";
        }
    }

    /// <summary>Something is not as it must be, whatever was done.</summary>
    private sealed class WrongException(string message) : Exception(message);
}
