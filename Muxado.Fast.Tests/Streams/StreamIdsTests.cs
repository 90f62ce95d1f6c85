using Muxado.Fast.Framing;
using Muxado.Fast.Streams;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Streams;

public sealed class StreamIdsTests
{
    [TestCase(true, 3u, 5u)]
    [TestCase(false, 2u, 4u)]
    public void Ids_start_where_Go_starts_and_step_by_two(bool isClient, uint first, uint second)
    {
        StreamIds ids = new(isClient);

        Assert.That((ids.TryTakeNext(out uint id), id), Is.EqualTo((true, first)));
        Assert.That((ids.TryTakeNext(out id), id), Is.EqualTo((true, second)));
    }

    [TestCase(true, 0x7FFFFFFFu)]
    [TestCase(false, 0x7FFFFFFEu)]
    public void The_last_id_is_followed_by_none(bool isClient, uint last)
    {
        StreamIds ids = new(isClient, next: last);

        Assert.That((ids.TryTakeNext(out uint id), id), Is.EqualTo((true, last)));
        Assert.That(ids.TryTakeNext(out _), Is.False);
        Assert.That(ids.TryTakeNext(out _), Is.False);
        Assert.That(ids.WasLocallyOpened(last), Is.True);
        Assert.That(last + 2, Is.GreaterThan(Wire.MaxStreamId));
    }

    [Test]
    public void Parity_tells_whose_an_id_is()
    {
        Assert.That(new StreamIds(isClient: true).IsLocal(7), Is.True);
        Assert.That(new StreamIds(isClient: true).IsLocal(8), Is.False);
        Assert.That(new StreamIds(isClient: false).IsLocal(7), Is.False);
        Assert.That(new StreamIds(isClient: false).IsLocal(8), Is.True);
    }

    [Test]
    public void Only_ids_given_out_count_as_opened()
    {
        StreamIds ids = new(isClient: true);
        ids.TryTakeNext(out _);

        Assert.That(ids.WasLocallyOpened(3), Is.True);
        Assert.That(ids.WasLocallyOpened(5), Is.False, "not given out yet");
        Assert.That(ids.WasLocallyOpened(1), Is.False, "never given out");
        Assert.That(ids.WasLocallyOpened(2), Is.False, "the peer's");
    }
}
