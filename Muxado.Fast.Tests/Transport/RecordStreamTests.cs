using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Support;
using Muxado.Fast.Transport;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Transport;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RecordStreamTests
{
    // What arrives in one read below is at most as much as the smallest buffer takes: 64 bytes where assertions are on.
    private readonly Recorded _connection = new();

    [Test]
    public async Task What_is_not_gathered_leaves_at_once()
    {
        await using var records = new RecordStream(_connection);

        await records.WriteAsync(Pattern.Bytes(10)).Soon();

        Assert.That(_connection.Writes, Is.EqualTo(new[] { Pattern.Bytes(10) }));
    }

    [Test]
    public async Task What_is_gathered_leaves_together_and_then_gathering_has_ended()
    {
        await using var records = new RecordStream(_connection);

        records.Gather();
        await records.WriteAsync(Pattern.Bytes(10)).Soon();
        await records.WriteAsync(Pattern.Bytes(20, from: 10)).Soon();
        Assert.That(_connection.Writes, Is.Empty);
        await records.SendGatheredAsync(CancellationToken.None).Soon();
        await records.WriteAsync(Pattern.Bytes(5)).Soon();

        Assert.That(_connection.Writes, Is.EqualTo(new[] { Pattern.Bytes(30), Pattern.Bytes(5) }));
    }

    [Test]
    public async Task More_than_a_batch_was_to_hold_leaves_together_too()
    {
        await using var records = new RecordStream(_connection);

        records.Gather();
        await records.WriteAsync(Pattern.Bytes(Block.WideBytes)).Soon();
        await records.WriteAsync(Pattern.Bytes(Block.WideBytes, from: Block.WideBytes)).Soon();
        await records.WriteAsync(Pattern.Bytes(100, from: 2 * Block.WideBytes)).Soon();
        await records.SendGatheredAsync(CancellationToken.None).Soon();

        Assert.That(_connection.Writes.Select(write => write.Length), Is.EqualTo(new[] { (2 * Block.WideBytes) + 100 }));
        Pattern.Verify(_connection.Writes[0], from: 0);
    }

    [Test]
    public async Task A_batch_in_records_of_16_KiB_fits()
    {
        const int RecordBytes = 16 * 1024;
        const int MostThatTlsAdds = 5 + 256;
        await using var records = new RecordStream(_connection);

        records.Gather();
        for (var left = Block.WideBytes; left > 0; left -= RecordBytes)
            await records.WriteAsync(new byte[Math.Min(left, RecordBytes) + MostThatTlsAdds]).Soon();
        await records.SendGatheredAsync(CancellationToken.None).Soon();

        Assert.That(_connection.Writes, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task All_that_has_come_is_taken_in_one_read_and_handed_out_in_pieces()
    {
        await using var records = new RecordStream(_connection);
        _connection.Arrives(Pattern.Bytes(50));
        var piece = new byte[30];

        Assert.That(await records.ReadAsync(piece).Soon(), Is.EqualTo(30));
        Pattern.Verify(piece, from: 0);
        Assert.That(await records.ReadAsync(piece).Soon(), Is.EqualTo(20));
        Pattern.Verify(piece.AsSpan(0, 20), from: 30);
        Assert.That(_connection.Reads, Is.EqualTo(1));
    }

    [Test]
    public async Task An_interrupted_read_loses_nothing()
    {
        await using var records = new RecordStream(_connection);
        using var interruption = new CancellationTokenSource();
        var buffer = new byte[50];
        var reading = records.ReadAsync(buffer, interruption.Token).AsTask();
        await interruption.CancelAsync();
        Assert.That(async () => await reading.Soon(), Throws.InstanceOf<OperationCanceledException>());

        _connection.Arrives(Pattern.Bytes(50));

        Assert.That(await records.ReadAsync(buffer).Soon(), Is.EqualTo(50));
        Pattern.Verify(buffer, from: 0);
    }

    [Test]
    public async Task The_end_is_handed_on()
    {
        await using var records = new RecordStream(_connection);
        _connection.Arrives([]);

        Assert.That(await records.ReadAsync(new byte[10]).Soon(), Is.Zero);
    }

    /// <summary>A connection that notes what is written, and of which the test says what arrives.</summary>
    private sealed class Recorded : Stream
    {
        private TaskCompletionSource<byte[]> _arriving = new();

        public List<byte[]> Writes { get; } = [];

        public int Reads { get; private set; }

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Arrives(byte[] bytes) => _arriving.SetResult(bytes);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes.Add(buffer.ToArray());
            return default;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var bytes = await _arriving.Task.WaitAsync(cancellationToken);
            _arriving = new();
            Reads++;
            bytes.CopyTo(buffer);
            return bytes.Length;
        }

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
