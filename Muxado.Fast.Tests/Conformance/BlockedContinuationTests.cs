using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Conformance;

/// <summary>User code that blocks inside a receive drain holds up nobody for long, whatever it has just made ready.</summary>
public sealed class BlockedContinuationTests(Role role) : ConformanceFixture(role)
{
    [Test]
    [CancelAfter(10_000)]
    public async Task What_a_continuation_ends_before_it_blocks_is_not_stranded_behind_it(CancellationToken cancellationToken)
    {
        var (session, peer) = await ConnectAsync();
        var (waker, wakerId) = await OpenAsync(session, peer);
        var (other, _) = await OpenAsync(session, peer);
        var reading = other.ReadAsync(new byte[1], CancellationToken.None).AsTask();
        var blocking = BlockAsync();

        await peer.SendAsync(Frames.Data(wakerId, "x"));

        Assert.That(await blocking.WaitAsync(cancellationToken), Is.True, "the disposed stream's read ended while the continuation blocked");
        Assert.That(() => reading, Throws.InstanceOf<ObjectDisposedException>());

        async Task<bool> BlockAsync()
        {
            await waker.ReadAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
            other.Dispose();
            return ((IAsyncResult)reading).AsyncWaitHandle.WaitOne(TimeSpan.FromSeconds(3));
        }
    }

    [Test]
    [CancelAfter(10_000)]
    public async Task When_a_session_ends_a_continuation_that_blocks_holds_up_no_other(CancellationToken cancellationToken)
    {
        var (session, peer) = await ConnectAsync();
        using var gate = new ManualResetEventSlim();
        using var ended = new SemaphoreSlim(0);
        var readers = new List<Task>();
        for (var i = 0; i < 3; i++)
            readers.Add(ReadThenBlockAsync((await OpenAsync(session, peer)).Stream));

        peer.Dispose();
        for (var i = 0; i < readers.Count; i++)
            Assert.That(await ended.WaitAsync(TimeSpan.FromSeconds(3), cancellationToken), Is.True, $"only {i} of {readers.Count} readers were told");

        gate.Set();
        await Task.WhenAll(readers).WaitAsync(cancellationToken);

        async Task ReadThenBlockAsync(MuxadoStream stream)
        {
            try
            {
                await stream.ReadAsync(new byte[1], CancellationToken.None).ConfigureAwait(false);
            }
            catch (MuxadoException)
            {
                ended.Release();
                gate.Wait(TimeSpan.FromSeconds(8), CancellationToken.None);
            }
        }
    }
}
