using CsCheck;
using Muxado.Fast.Streams;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Streams;

public sealed class ResetHistoryTests
{
    [Test]
    public void An_id_is_added_once()
    {
        ResetHistory history = new(capacity: 100);

        Assert.That(history.TryAdd(5), Is.True);
        Assert.That(history.TryAdd(5), Is.False);
        Assert.That(history.TryAdd(7), Is.True);
        Assert.That(history.TryAdd(5), Is.False);
    }

    [Test]
    public void As_many_of_the_last_ids_are_remembered_as_its_capacity([Values(1, 16, 100, 1024)] int capacity)
    {
        ResetHistory history = new(capacity);
        for (uint id = 1; id <= 3000; id++)
        {
            Assert.That(history.TryAdd(id), Is.True);
            Assert.That(history.Contains(id - (uint)Math.Min((int)id, capacity) + 1), Is.True, "the oldest of them");
        }

        Assert.That(Enumerable.Range(3001 - capacity, capacity).All(id => history.Contains((uint)id)));
        Assert.That(history.Contains(3000 - (uint)capacity), Is.False);
    }

    [Test]
    public void It_never_claims_an_id_that_was_not_added() =>
        Gen.UInt[1, 2000].Array[1, 500].Sample(ids =>
        {
            ResetHistory history = new(capacity: 64);
            HashSet<uint> added = [];
            foreach (uint id in ids)
            {
                bool isNew = history.TryAdd(id);
                Assert.That(isNew || added.Contains(id), Is.True);
                added.Add(id);
            }
        });
}
