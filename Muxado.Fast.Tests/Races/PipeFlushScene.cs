using System.IO.Pipelines;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A flush, or a write, of more than the window into a pipe. What is not sent stays in the pipe, for the next flush.</summary>
internal sealed class PipeFlushScene(Func<PipeWriter, byte[], CancellationToken, ValueTask<FlushResult>> flush, bool isWrite = false) : FedScene
{
    public const int Bytes = 100_000;

    private readonly byte[] _memory = new byte[Bytes];
    private IDuplexPipe _pipe = null!;
    private uint _id;
    private bool _isTurnedAway;

    private long SentBytes => Peer.Sent.DataBytes(_id) - 1;

    /// <summary>Copies into the pipe's own memory, and flushes.</summary>
    public static ValueTask<FlushResult> FlushOwnAsync(PipeWriter output, byte[] memory, CancellationToken cancellationToken)
    {
        for (var at = 0; at < memory.Length;)
        {
            var room = output.GetSpan();
            var count = Math.Min(room.Length, memory.Length - at);
            memory.AsSpan(at, count).CopyTo(room);
            output.Advance(count);
            at += count;
        }

        return output.FlushAsync(cancellationToken);
    }

    public override async Task PrepareAsync()
    {
        Array.Fill(_memory, SentFrames.Content);
        var stream = await OpenAsync();
        _id = stream.Id;
        _pipe = stream.AsDuplexPipe();
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var flushing = flush(_pipe.Output, _memory, cancellationToken).AsTask();
            _isTurnedAway = flushing.IsCanceled;
            var result = await flushing.ConfigureAwait(false);
            Assert.That((result.IsCanceled, result.IsCompleted), Is.EqualTo((false, false)));
        }
        finally
        {
            Array.Fill(_memory, (byte)0xEE);
        }
    }

    public override void Complete() => Peer.Send(Frames.WndInc(_id, RaceAction.Credit));

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        if (!isComplete)
            Complete();
        await Peer.SettleAsync();
        var left = _pipe.Output.UnflushedBytes;
        if (succeeded)
            Assert.That(left, Is.Zero);

        // Of what is called off before it begins, a write takes nothing; a flush finds the bytes in the pipe already.
        var taken = SentBytes + left;
        Assert.That(taken, Is.EqualTo(Bytes).Or.EqualTo(isWrite && _isTurnedAway ? 0 : Bytes), "every byte is sent, or still in the pipe");
        await _pipe.Output.FlushAsync().Soon();
        await Peer.SettleAsync();
        Assert.That(SentBytes, Is.EqualTo(taken));
        await _pipe.Input.CompleteAsync();
        await _pipe.Output.CompleteAsync();
        Peer.Send(Frames.Rst(_id, RaceAction.Cancel));
    }
}
