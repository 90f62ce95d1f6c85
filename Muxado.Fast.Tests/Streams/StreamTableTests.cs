using CsCheck;
using Muxado.Fast.Framing;
using Muxado.Fast.Streams;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Streams;

public sealed class StreamTableTests
{
    [Test]
    public void It_behaves_as_a_dictionary() =>
        Gen.Select(Gen.Bool, Gen.UInt[1, 60]).Array[1, 400].Sample(steps =>
        {
            StreamTable<string> table = new();
            Dictionary<uint, string> model = [];
            foreach ((bool add, uint id) in steps)
            {
                if (!add)
                    Assert.That(table.Remove(id), Is.EqualTo(model.Remove(id)));
                else if (model.TryAdd(id, $"{id}"))
                    table.Add(id, $"{id}");

                AssertSame(table, model, 60);
            }
        }, iter: 200);

    [Test]
    public void It_grows_for_many_streams_and_shrinks_when_they_are_gone()
    {
        StreamTable<object> table = new();
        uint[] ids = [.. Enumerable.Range(0, 20_000).Select(n => 3 + (2 * (uint)n))];
        foreach (uint id in ids)
            table.Add(id, id);
        int entriesWhenFull = table.Entries;
        Assert.That(ids.All(id => Equals(table.Find(id), id)), Is.True);

        foreach (uint id in ids[10..])
            Assert.That(table.Remove(id), Is.True);

        Assert.That(table.Count, Is.EqualTo(10));
        Assert.That(table.Entries, Is.LessThanOrEqualTo(entriesWhenFull / 32));
        Assert.That(ids[..10].All(id => Equals(table.Find(id), id)), Is.True);
        Assert.That(ids[10..].Any(id => table.Find(id) is not null), Is.False);
    }

    [Test]
    public void Streams_that_come_and_go_do_not_make_it_grow()
    {
        StreamTable<object> table = new();
        object value = new();
        for (uint id = 2; id < 200_000; id += 2)
        {
            table.Add(id, value);
            if (id >= 8)
                table.Remove(id - 6);
        }

        Assert.That(table.Entries, Is.LessThanOrEqualTo(16));
    }

    [Test]
    public void Everything_in_it_is_listed_once()
    {
        StreamTable<string> table = new();
        foreach (uint id in (uint[])[2, 3, 4, 5, Wire.MaxStreamId])
            table.Add(id, $"{id}");
        table.Remove(4);

        List<string> list = ["before"];
        table.CopyTo(list);

        Assert.That(list, Is.EquivalentTo(["before", "2", "3", "5", $"{Wire.MaxStreamId}"]));
    }

    [TestCaseSource(nameof(AdversarialIds))]
    public void No_choice_of_ids_makes_it_slow(Func<uint, uint> idOf)
    {
        const int Streams = 6_000;
        for (int instance = 0; instance < 10; instance++)
        {
            StreamTable<object> table = new();
            uint[] ids = [.. Enumerable.Range(1, Streams).Select(n => idOf((uint)n) & Wire.MaxStreamId).Distinct()];
            foreach (uint id in ids)
                table.Add(id, this);

            // Ideal hashing would need 1.4 on average when the table is as full as this, and some 8 at most.
            Assert.That(ids.Average(table.ProbesFor), Is.LessThan(1.8));
            Assert.That(ids.Max(table.ProbesFor), Is.LessThan(50));
        }
    }

    private static IEnumerable<TestCaseData> AdversarialIds()
    {
        yield return Ids("one after the other", n => 2 * n);
        yield return Ids("equal low bits", n => n << 18);
        yield return Ids("equal middle bits", n => (n << 24) | (n >> 8));
        yield return Ids("multiples of the golden ratio", n => n * 0x9E3779B1);
        yield return Ids("multiples of its inverse", n => n * 0x0E217C1D);
        yield return Ids("squares", n => n * n);
        for (int shift = 1; shift <= 16; shift++)
        {
            int step = shift;
            yield return Ids($"steps of 2^{step}", n => n << step);
        }

        static TestCaseData Ids(string name, Func<uint, uint> idOf) => new TestCaseData(idOf).SetArgDisplayNames(name);
    }

    private static void AssertSame(StreamTable<string> table, Dictionary<uint, string> model, uint maxId)
    {
        Assert.That(table.Count, Is.EqualTo(model.Count));
        for (uint id = 0; id <= maxId; id++)
        {
            if (table.Find(id) != model.GetValueOrDefault(id))
                Assert.Fail($"stream {id} is {table.Find(id) ?? "missing"}, expected {model.GetValueOrDefault(id) ?? "none"}");
        }
    }
}
