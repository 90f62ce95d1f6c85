using System.Collections.Concurrent;

namespace Muxado.Fast.Bench.Soak;

/// <summary>What all loops of a soak share.</summary>
/// <remarks>Owner: the soak. Threading: any thread.</remarks>
internal sealed class SoakContext(int seed, Watchdog watchdog)
{
    private readonly ConcurrentDictionary<uint, Conversation> _conversations = new(concurrencyLevel: 16, capacity: 8192);
    private long _lastNumber;

    public Watchdog Watchdog => watchdog;

    public SoakTally Tally { get; } = new();

    /// <summary>Choices that are the number's and the seed's alone.</summary>
    public Dice DiceFor(long number, int salt) => new(seed, number, salt);

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
