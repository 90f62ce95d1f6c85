using System.Buffers;
using System.IO.Pipelines;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A read of a pipe, the same one all the time: every byte is seen once.</summary>
internal sealed class PipeReadScene(Func<PipeReader, CancellationToken, ValueTask<ReadResult>> read) : FedScene
{
    public const int Bytes = 50;

    private IDuplexPipe? _pipe;
    private uint _id;
    private Task<ReadResult> _reading = null!;
    private long _sent;
    private long _position;

    public override async Task PrepareAsync()
    {
        if (_pipe is not null)
            return;
        var stream = await OpenAsync();
        _id = stream.Id;
        _pipe = stream.AsDuplexPipe();
    }

    public override Task StartAsync(CancellationToken cancellationToken) => _reading = read(_pipe!.Input, cancellationToken).AsTask();

    public override void Complete()
    {
        Peer.Send(Frames.Data(_id, Pattern.Bytes(Bytes, _sent)));
        _sent += Bytes;
    }

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        if (!isComplete)
            Complete();
        if (succeeded)
            Take(await _reading);
        while (_position < _sent)
            Take(await _pipe!.Input.ReadAsync().Soon());
    }

    public override async Task EndAsync()
    {
        await _pipe!.Input.CompleteAsync();
        await _pipe.Output.CompleteAsync();
        Peer.Send(Frames.Rst(_id, RaceAction.Cancel));
        await base.EndAsync();
    }

    private void Take(ReadResult result)
    {
        Assert.That((result.IsCanceled, result.IsCompleted), Is.EqualTo((false, false)));
        Pattern.Verify(result.Buffer.ToArray(), _position);
        _position += result.Buffer.Length;
        _pipe!.Input.AdvanceTo(result.Buffer.End);
    }
}
