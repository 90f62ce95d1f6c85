using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A write of more than the window. All of it is sent, or whole frames of it are, and the stream can be written to as before.</summary>
internal sealed class WriteScene(Func<MuxadoStream, byte[], CancellationToken, Task> write, bool completesWrites = false) : FedScene
{
    private const int Bytes = 100_000;
    private const int MoreBytes = 100;

    private readonly byte[] _memory = new byte[Bytes];
    private MuxadoStream _stream = null!;
    private uint _id;

    private long SentBytes => Peer.Sent.DataBytes(_id);

    public override async Task PrepareAsync()
    {
        Array.Fill(_memory, SentFrames.Content);
        _stream = await OpenAsync();
        _id = _stream.Id;
    }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await write(_stream, _memory, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Array.Fill(_memory, (byte)0xEE);
        }
    }

    public override void Complete() => Peer.Send(Frames.WndInc(_id, RaceAction.Credit));

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        await Peer.SettleAsync();
        if (succeeded)
            Assert.That(SentBytes, Is.EqualTo(1 + Bytes));
        if (!isComplete)
            Complete();
        if (!succeeded || !completesWrites)
        {
            var before = SentBytes;
            await _stream.WriteAsync(Enumerable.Repeat(SentFrames.Content, MoreBytes).ToArray()).Soon();
            await Peer.SettleAsync();
            Assert.That(SentBytes, Is.EqualTo(before + MoreBytes), "more would be of the write that was called off");
        }

        Finish(_stream);
    }
}
