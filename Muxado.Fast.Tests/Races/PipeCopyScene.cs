using System.IO.Pipelines;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A copy from a pipe to its end. What it has copied and what is left in the pipe are the whole.</summary>
internal sealed class PipeCopyScene : FedScene
{
    private const int Bytes = 5_000;

    private IDuplexPipe _pipe = null!;
    private MemoryStream _copied = null!;
    private uint _id;

    public override async Task PrepareAsync()
    {
        var stream = await OpenAsync();
        _id = stream.Id;
        _pipe = stream.AsDuplexPipe();
        _copied = new MemoryStream();
    }

    public override Task StartAsync(CancellationToken cancellationToken) => _pipe.Input.CopyToAsync(_copied, cancellationToken);

    public override void Complete()
    {
        var content = Pattern.Bytes(Bytes);
        Peer.Send(Frames.Data(_id, content[..1_000]));
        Peer.Send(Frames.DataFin(_id, content[1_000..]));
    }

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        if (!isComplete)
            Complete();
        var copiedFirst = _copied.Length;
        await _pipe.Input.CopyToAsync(_copied).Soon();
        Assert.That(_copied.Length, Is.EqualTo(Bytes));
        Pattern.Verify(_copied.ToArray(), 0);
        if (succeeded)
            Assert.That(copiedFirst, Is.EqualTo(Bytes));
        await _pipe.Input.CompleteAsync();
        await _pipe.Output.CompleteAsync();
    }
}
