using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>
/// A copy to the end of a stream, as the base class makes it. What it has copied and what is left are the whole but for what it held in its hands: it
/// gives its target the token too.
/// </summary>
internal sealed class CopyScene : FedScene
{
    private const int Bytes = 5_000;

    private MuxadoStream _stream = null!;
    private MemoryStream _copied = null!;

    public override async Task PrepareAsync()
    {
        _stream = await OpenAsync();
        _copied = new MemoryStream();
    }

    public override Task StartAsync(CancellationToken cancellationToken) => _stream.CopyToAsync(_copied, cancellationToken);

    public override void Complete()
    {
        var content = Pattern.Bytes(Bytes);
        Peer.Send(Frames.Data(_stream.Id, content[..1_000]));
        Peer.Send(Frames.DataFin(_stream.Id, content[1_000..]));
    }

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        if (!isComplete)
            Complete();
        var copied = _copied.ToArray();
        Pattern.Verify(copied, 0);
        using var rest = new MemoryStream();
        await _stream.CopyToAsync(rest).Soon();
        Pattern.Verify(rest.ToArray(), Bytes - rest.Length);
        Assert.That(copied.Length + rest.Length, succeeded ? Is.EqualTo(Bytes) : Is.LessThanOrEqualTo(Bytes));
        Finish(_stream);
    }
}
