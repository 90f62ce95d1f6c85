namespace Muxado.Fast.Bench.Simulation;

/// <content>The streams of a run, and how many there are still to be used up.</content>
internal sealed partial class SimulationRun
{
    private readonly Dictionary<uint, Conversation> _conversations = [];
    private readonly HashSet<Conversation> _neglected = [];
    private readonly List<TaskCompletionSource> _neglectful = [];
    private int _volumeLeft;
    private int _sidesStillOpening = 2;
    private int _conversationsLeft;
    private bool _isEndArranged;

    /// <summary>How many were opened.</summary>
    public int Streams => _conversations.Count;

    /// <summary>How much of what an application would like to write it may: at least a byte.</summary>
    public int SpendVolume(int wanted)
    {
        int granted = Math.Clamp(_volumeLeft, 1, wanted);
        _volumeLeft -= granted;
        return granted;
    }

    public Conversation OnOpened(Side side, uint id, MuxadoStreamOptions options)
    {
        Require(Sides.OpenerOf(id) == side, side, "opened a stream with an id of the other side", id);
        var conversation = new Conversation(id, options);
        _conversations.Add(id, conversation);
        _conversationsLeft++;
        return conversation;
    }

    public Conversation OnAccepted(Side side, MuxadoStream stream)
    {
        Conversation conversation = _conversations[stream.Id];
        Require(conversation.Opener != side, side, "accepted its own stream", stream.Id);
        Require(!conversation.WasAccepted, side, "accepted a stream twice", stream.Id);
        Require(!conversation.IsPromisedUnseen, side, "accepted a stream that its opener was told is safe to retry", stream.Id);
        Require(stream.StreamType == conversation.Options.StreamType, side, $"accepted with type {stream.StreamType}", stream.Id);
        Require(stream.Priority == conversation.Options.Priority, side, $"accepted with priority {stream.Priority}", stream.Id);
        conversation.WasAccepted = true;
        return conversation;
    }

    public void OnAllOpened()
    {
        _sidesStillOpening--;
        EndIfDone();
    }

    public void OnEndDone(Conversation conversation)
    {
        if (++conversation.EndsDone == 2)
        {
            _neglected.Remove(conversation);
            _conversationsLeft--;
        }

        EndIfDone();
    }

    /// <summary>What a reader waits for that lets its stream lie: all others have to get by without it.</summary>
    public Task NeglectAsync(Conversation conversation)
    {
        var othersAreDone = new TaskCompletionSource();
        _neglected.Add(conversation);
        _neglectful.Add(othersAreDone);
        EndIfDone();
        return othersAreDone.Task;
    }

    /// <summary>The orderly end of a fair run: everything was said.</summary>
    private void EndIfDone()
    {
        if (!Plan.IsFair || _sidesStillOpening > 0)
            return;
        if (_conversationsLeft == _neglected.Count)
        {
            foreach (TaskCompletionSource reader in _neglectful)
                Clock.After(TimeSpan.Zero, reader.SetResult);
            _neglectful.Clear();
        }

        if (_conversationsLeft > 0 || _isEndArranged)
            return;
        _isEndArranged = true;
        Clock.After(Dice.Time(TimeSpan.FromSeconds(5)), () =>
        {
            int who = Dice.Between(0, 2);
            for (int i = 0; i < 2; i++)
            {
                if (who == i || who == 2)
                    _applications[i].End();
            }
        });
    }
}
