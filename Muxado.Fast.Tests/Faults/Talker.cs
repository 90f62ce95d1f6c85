namespace Muxado.Fast.Tests.Faults;

/// <summary>
/// The application at one side: it says its messages, each on a stream of its own, listens to the answers, and echoes whatever the
/// other side says, for as long as the session lasts.
/// </summary>
/// <remarks>Threading: any. The notes are complete when <see cref="Ended"/> is.</remarks>
internal sealed class Talker
{
    private readonly Lock _gate = new();
    private readonly List<Talk> _talks = [];
    private readonly List<Task> _tasks = [];

    public Talker(MuxadoSession session, IEnumerable<Message> messages, bool accepts = true)
    {
        Session = session;
        Accepts = accepts;
        foreach (var message in messages)
        {
            var talk = new Talk(session.OpenStream(message.Options));
            Add(talk, Task.WhenAll(talk.SayAsync(message.ContentOn(talk.Id)), talk.ListenAsync()));
        }

        Ended = EndAsync();
    }

    public MuxadoSession Session { get; }

    /// <summary>Whether this application accepts streams at all.</summary>
    public bool Accepts { get; }

    /// <summary>Ends when the session takes no more streams and everything on those that there were has ended.</summary>
    public Task Ended { get; }

    /// <summary>How accepting ended.</summary>
    public Ending? Accepting { get; private set; }

    public IReadOnlyList<Talk> Talks
    {
        get
        {
            lock (_gate)
                return [.. _talks];
        }
    }

    /// <summary>The streams that the other side opened, in the order in which they were accepted.</summary>
    public IEnumerable<Talk> Accepted => Talks.Where(talk => talk.Id % 2 == (Session.IsClient ? 0 : 1));

    /// <summary>How many streams have been talked on to their ends.</summary>
    public int FinishedTalks
    {
        get
        {
            lock (_gate)
                return _tasks.Count(task => task.IsCompleted);
        }
    }

    public void LetGo()
    {
        foreach (var talk in Talks)
            talk.Stream.Dispose();
    }

    private async Task EndAsync()
    {
        if (Accepts)
            Accepting = await Talk.EndOf(AcceptAsync);
        Task[] tasks;
        lock (_gate)
            tasks = [.. _tasks];
        await Task.WhenAll(tasks);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var stream = await Session.AcceptStreamAsync();
            var talk = new Talk(stream);
            if (stream.StreamType == Message.Unwelcome)
                stream.Abort(MuxadoErrorCode.Cancel);
            Add(talk, stream.StreamType is Message.Unwelcome or Message.Unread ? Task.CompletedTask : talk.EchoAsync());
        }
    }

    private void Add(Talk talk, Task task)
    {
        lock (_gate)
        {
            _talks.Add(talk);
            _tasks.Add(task);
        }
    }
}
