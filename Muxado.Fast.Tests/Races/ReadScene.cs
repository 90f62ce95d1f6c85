using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>A read, of one stream all the time: every byte is read once, whatever became of the reads before.</summary>
internal sealed class ReadScene(Func<MuxadoStream, byte[], CancellationToken, Task<int>> read) : FedScene
{
    private const int Bytes = 50;

    private readonly byte[] _memory = new byte[Bytes];
    private MuxadoStream? _stream;
    private Task<int> _reading = null!;
    private long _sent;
    private long _position;

    public override async Task PrepareAsync()
    {
        Array.Clear(_memory);
        _stream ??= await OpenAsync();
    }

    public override Task StartAsync(CancellationToken cancellationToken) => _reading = read(_stream!, _memory, cancellationToken);

    public override void Complete()
    {
        Peer.Send(Frames.Data(_stream!.Id, Pattern.Bytes(Bytes, _sent)));
        _sent += Bytes;
    }

    public override async Task VerifyAsync(bool succeeded, bool isComplete)
    {
        if (!isComplete)
            Complete();
        if (succeeded)
        {
            var count = await _reading;
            Assert.That(count, Is.Positive);
            Pattern.Verify(_memory.AsSpan(0, count), _position);
            _position += count;
        }
        else
        {
            VerifyZero(_memory);
        }

        await Pattern.VerifyAsync(_stream!, (int)(_sent - _position), _position);
        _position = _sent;
    }

    public override async Task EndAsync()
    {
        Finish(_stream!);
        await base.EndAsync();
    }
}
