using CsCheck;
using Muxado.Fast.Streams;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Streams;

public sealed class ResetHistoryTests
{
    [Test]
    public void An_id_is_added_once()
    {
        ResetHistory history = new();

        Assert.That(history.Add(5), Is.True);
        Assert.That(history.Add(5), Is.False);
        Assert.That(history.Add(7), Is.True);
        Assert.That(history.Add(5), Is.False);
    }

    [Test]
    public void The_last_1024_ids_of_one_side_are_remembered([Values(3u, 2u)] uint first)
    {
        ResetHistory history = new();
        uint[] ids = [.. Enumerable.Range(0, 5000).Select(n => first + (2 * (uint)n))];
        foreach (uint id in ids)
            Assert.That(history.Add(id), Is.True);

        Assert.That(ids[^1024..].Any(history.Add), Is.False);
    }

    [Test]
    public void Ids_far_apart_make_it_grow_no_further_than_its_bound()
    {
        ResetHistory history = new();
        foreach (uint id in Enumerable.Range(1, 100).Select(n => (uint)n << 16))
            Assert.That(history.Add(id), Is.True);

        Assert.That(history.Add(100u << 16), Is.False);
        Assert.That(history.Add(1u << 16), Is.True, "forgotten: all of them share a slot");
    }

    [Test]
    public void It_never_claims_an_id_that_was_not_added() =>
        Gen.UInt[1, 2000].Array[1, 500].Sample(ids =>
        {
            ResetHistory history = new();
            HashSet<uint> added = [];
            foreach (uint id in ids)
            {
                bool isNew = history.Add(id);
                Assert.That(isNew || added.Contains(id), Is.True);
                added.Add(id);
            }
        });
}
