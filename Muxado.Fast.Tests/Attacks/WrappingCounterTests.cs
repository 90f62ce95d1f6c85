using System.Globalization;
using System.Reflection;
using Muxado.Fast.Bench.Micro.Streams;
using Muxado.Fast.Framing;
using Muxado.Fast.Sessions;
using Muxado.Fast.Streams;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Attacks;

/// <summary>Counters that a peer moves, after the billions of turns that it takes to get them round.</summary>
public sealed class WrappingCounterTests
{
    private const int Turns = 64;

    [TestCase(int.MaxValue)]
    [TestCase(uint.MaxValue)]
    public void The_turn_of_the_lower_priorities_may_get_round(long most)
    {
        var host = new QuietHost(Wire.InitialWindowBytes);
        var ring = new PriorityRing();
        uint[] priorities = [9, 7, 5, 3];
        var writes = priorities.Select(priority => CreateWrite(host, priority)).ToList();
        writes.ForEach(ring.Link);
        var turn = typeof(PriorityRing).GetField("_escapeTurn", BindingFlags.Instance | BindingFlags.NonPublic)!;
        turn.SetValue(ring, turn.FieldType == typeof(uint) ? (uint)most - (Turns / 2) : (object)(int)(most - (Turns / 2)));

        var chosen = new List<uint>();
        for (var i = 0; i < Turns; i++)
        {
            ring.SetAside(int.MaxValue);
            chosen.Add(ring.Next(floor: 0)!.Stream.Priority);
        }

        Assert.That(chosen.Distinct().Order(), Is.EqualTo(new uint[] { 3, 5, 7 }), string.Join(' ', chosen.Select(one => one.ToString(CultureInfo.InvariantCulture))));
        Assert.That(chosen.Count(priority => priority == 3), Is.EqualTo(Turns / 2));
    }

    private static WriteOperation CreateWrite(QuietHost host, uint priority)
    {
        var stream = new StreamCore();
        stream.Open(host, (2 * priority) + 1, priority, streamType: 0, StreamState.None);
        return WriteOperation.Rent(stream, new WriteSource(new byte[1]), completesWrites: false, timeoutDue: long.MaxValue);
    }
}
