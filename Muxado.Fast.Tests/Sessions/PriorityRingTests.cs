using CsCheck;
using Muxado.Fast.Framing;
using Muxado.Fast.Sessions;
using Muxado.Fast.Streams;
using Muxado.Fast.Tests.Streams.Model;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>Whose frame is next, against the rule in its plainest form, and what share each gets in the long run.</summary>
public sealed class PriorityRingTests
{
    private static readonly ModelHost s_host = new();

    private static readonly Gen<int> s_frameBytes = Gen.Frequency((1, Gen.Int[Wire.HeaderBytes, 3000]), (1, Gen.Const(Wire.MaxFrameBytes)));

    // A class is a queue. The first of the highest goes, unless what it has set aside pays for a frame of a lower one.
    [Test]
    public void It_agrees_with_plain_queues() =>
        Gen.Select(Gen.Int[0, 9], Gen.UInt[0, 4], s_frameBytes).Array[1, 200].Sample(steps =>
        {
            PriorityRing ring = new();
            SortedDictionary<uint, List<WriteOperation>> classes = [];
            int topBytes = 0;
            foreach ((int kind, uint priority, int bytes) in steps)
            {
                switch (kind)
                {
                    case < 3:
                        WriteOperation added = NewWrite(priority);
                        ring.Link(added);
                        if (!classes.TryGetValue(priority, out List<WriteOperation>? own))
                            classes[priority] = own = [];
                        own.Add(added);
                        break;
                    case 3 when classes.TryGetValue(priority, out List<WriteOperation>? some):
                        WriteOperation removed = some[bytes % some.Count];
                        ring.Unlink(removed);
                        some.Remove(removed);
                        if (some.Count == 0)
                            classes.Remove(priority);
                        break;
                    case 4:
                        ring.SetAside(bytes);
                        topBytes = Math.Min(topBytes + bytes, 4 * 11 * Wire.MaxFrameBytes);
                        break;
                    default:
                        uint floor = kind == 9 ? priority : 0;
                        Cut(ring, classes, bytes, floor, ref topBytes);
                        break;
                }

                Assert.That(ring.IsEmpty, Is.EqualTo(classes.Count == 0));
                Assert.That(ring.HasSeveralPriorities, Is.EqualTo(classes.Count > 1));
                Assert.That(ring.HasSeveralWrites, Is.EqualTo(classes.Values.Sum(own => own.Count) > 1));
                if (classes.Count > 0)
                    Assert.That(ring.TopPriority, Is.EqualTo(classes.Keys.Max()));
            }
        });

    [Test]
    public void In_the_long_run_nobody_starves_and_equals_share_equally() =>
        Gen.Select(Gen.UInt[0, 5], Gen.Int[1, 4]).Array[2, 5].Sample(
            kinds =>
            {
                const int Frames = 6000;
                PriorityRing ring = new();
                Dictionary<WriteOperation, int> turns = [];
                foreach ((uint priority, int count) in kinds)
                {
                    for (int i = 0; i < count; i++)
                    {
                        WriteOperation write = NewWrite(priority);
                        ring.Link(write);
                        turns.Add(write, 0);
                    }
                }

                for (int i = 0; i < Frames; i++)
                {
                    WriteOperation next = ring.Next(floor: 0)!;
                    turns[next]++;
                    ring.OnCut(next, Wire.MaxFrameBytes, floor: 0);
                }

                ILookup<uint, int> shares = turns.ToLookup(turn => turn.Key.Stream.Priority, turn => turn.Value);
                foreach (IGrouping<uint, int> own in shares)
                    Assert.That(own.Max() - own.Min(), Is.LessThanOrEqualTo(1), "equals take turns");
                if (shares.Count == 1)
                    return;
                Assert.That(shares[shares.Max(own => own.Key)].Sum(), Is.EqualTo(Frames * 11 / 12).Within(Frames / 100), "the highest gets eleven of twelve");
                Assert.That(shares[shares.Min(own => own.Key)].Sum(), Is.GreaterThan(Frames / 25), "the lowest gets one of twenty-four");
                Assert.That(turns.Values.Min(), Is.GreaterThan(0), "everybody gets something");
            },
            iter: 60);

    private static void Cut(PriorityRing ring, SortedDictionary<uint, List<WriteOperation>> classes, int bytes, uint floor, ref int topBytes)
    {
        WriteOperation? next = ring.Next(floor);
        if (classes.Count == 0)
        {
            Assert.That(next, Is.Null);
            return;
        }

        uint top = classes.Keys.Max();
        bool mayPay = topBytes >= 11 * Wire.MaxFrameBytes && (classes.Count > 1 || top < floor);
        if (!mayPay && top < floor)
        {
            Assert.That(next, Is.Null, "all are below those who had a share of this batch");
            return;
        }

        uint chosen = next!.Stream.Priority;
        Assert.That(next, Is.SameAs(classes[chosen][0]), "the first of its class");
        if (mayPay)
            Assert.That(chosen < top || top < floor, Is.True, "what was set aside is for the others");
        else
            Assert.That(chosen, Is.EqualTo(top));

        ring.OnCut(next, bytes, floor);
        classes[chosen].RemoveAt(0);
        classes[chosen].Add(next);
        if (chosen < floor || chosen < top)
            topBytes = Math.Max(0, topBytes - (11 * bytes));
        else if (classes.Count > 1)
            topBytes = Math.Min(topBytes + bytes, 4 * 11 * Wire.MaxFrameBytes);
    }

    private static WriteOperation NewWrite(uint priority)
    {
        StreamCore stream = new();
        stream.Open(s_host, id: 3, priority, streamType: 0, StreamState.None);
        return WriteOperation.Rent(stream, new WriteSource(new byte[1]), completesWrites: false, timeoutDue: long.MaxValue);
    }
}
