using System.Collections.Concurrent;
using Muxado.Fast.Bench.Chance;

namespace Muxado.Fast.Bench.Soak;

/// <summary>What all loops of a soak share.</summary>
/// <remarks>Owner: the soak. Threading: any thread.</remarks>
internal sealed class SoakContext(int seed, Watchdog watchdog)
{
    // Neighbouring numbers are to have nothing in common.
    private const uint Spread = 2_654_435_769;
    private const uint Salts = 8;

    private readonly ConcurrentDictionary<uint, Conversation> _conversations = new(concurrencyLevel: 16, capacity: 8192);
    private long _lastNumber;

    public Watchdog Watchdog => watchdog;

    public SoakTally Tally { get; } = new();

    /// <summary>Choices that are the number's and the seed's alone, whatever the threads do. For one owner at a time.</summary>
    public Dice DiceFor(uint number, int salt) => new((int)((((uint)seed * Salts) + (uint)salt) * Spread) ^ (int)(number * Spread));

    /// <summary>A number for a lane, a session, a loop or a stream.</summary>
    public uint NextNumber() => (uint)(Interlocked.Increment(ref _lastNumber) % MuxadoExtension.FirstReservedStreamType);

    public Conversation Begin()
    {
        var conversation = new Conversation(NextNumber());
        _conversations[conversation.Number] = conversation;
        return conversation;
    }

    /// <summary>Null: its opener has left.</summary>
    public Conversation? Find(uint number) => _conversations.GetValueOrDefault(number);

    public void End(Conversation conversation) => _conversations.TryRemove(conversation.Number, out _);
}
