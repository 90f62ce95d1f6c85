using System.Globalization;
using System.Text;

namespace Muxado.Fast.Bench.Simulation;

/// <summary>What happened in a run: the last events, to read, and a hash of all of them, to compare two runs by.</summary>
internal sealed class EventTrace(VirtualClock clock)
{
    private const int Kept = 200;

    private readonly Event[] _events = new Event[Kept];
    private ulong _hash = 14695981039346656037;

    public long Count { get; private set; }

    public ulong Hash => _hash;

    public void Add(Side side, string what, long first = 0, long second = 0)
    {
        long now = clock.GetTimestamp();
        _events[Count++ % Kept] = new Event(now, side, what, first, second);
        Mix((ulong)now);
        Mix((ulong)side);
        Mix((ulong)first);
        Mix((ulong)second);
        foreach (char letter in what)
            Mix(letter);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        for (long i = Math.Max(0, Count - Kept); i < Count; i++)
        {
            Event e = _events[i % Kept];
            text.AppendLine(CultureInfo.InvariantCulture, $"{e.Now / 10_000.0,12:0.0000} ms  {e.Side,-6}  {e.What,-28} {e.First,8} {e.Second,8}");
        }

        return text.ToString();
    }

    private void Mix(ulong value) => _hash = (_hash ^ value) * 1099511628211;

    private readonly record struct Event(long Now, Side Side, string What, long First, long Second);
}
