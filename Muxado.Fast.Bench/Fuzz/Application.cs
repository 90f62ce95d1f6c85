using Muxado.Fast.Bench.Simulation;
using static Muxado.Fast.Bench.Fuzz.FuzzFailureException;

namespace Muxado.Fast.Bench.Fuzz;

/// <summary>
/// Accepts whatever the peer opens, a client opens streams of its own, and each stream is used in another way, so that the peer's
/// frames meet reads and writes that wait, half-closed, disposed and reset streams.
/// </summary>
internal sealed partial class Application(MuxadoSession session, VirtualClock clock, Choices choices, PeerScript peer)
{
    private static readonly TimeSpan s_aWhile = TimeSpan.FromMicroseconds(200);

    private readonly List<MuxadoStream> _streams = [];
    private readonly List<Task> _parts = [];

    public void Start()
    {
        _parts.Add(AcceptAsync());
        var conversations = Conversations();
        if (session.IsClient)
        {
            foreach (var converse in conversations)
                Begin(session.OpenStream(OptionsOf(_streams.Count)), converse);
        }
        else
        {
            // One that the server opens, whose window the peer does not know.
            Begin(session.OpenStream(), SendBulkAsync);
        }

        if (choices.OneIn(16))
            _parts.Add(GoAwayLaterAsync());
    }

    public void CheckEnded()
    {
        foreach (var part in _parts)
        {
            Require(part.IsCompleted, "the session has ended and an operation on it has not");
            if (part.IsFaulted)
                throw new FuzzFailureException("an application failed", part.Exception!.InnerException);
        }
    }

    public void DisposeStreams()
    {
        foreach (var stream in _streams)
            stream.Dispose();
    }

    private void Begin(MuxadoStream stream, Func<Conversation, Task> converse)
    {
        _streams.Add(stream);
        _parts.Add(GuardAsync(converse(new Conversation(stream, peer.Of(stream.Id)))));
    }

    private async Task AcceptAsync()
    {
        var conversations = Conversations();
        var next = choices.Between(0, conversations.Length - 1);
        try
        {
            while (true)
                Begin(await session.AcceptStreamAsync().ConfigureAwait(false), conversations[next++ % conversations.Length]);
        }
        catch (MuxadoException)
        {
            // The session is over.
        }
    }

    private async Task GoAwayLaterAsync()
    {
        await LaterAsync();
        await session.GoAwayAsync();
    }

    /// <summary>These end an operation on a stream whose peer may say anything; all else is a defect.</summary>
    private static async Task GuardAsync(Task conversation)
    {
        try
        {
            await conversation.ConfigureAwait(false);
        }
        catch (Exception ended) when (ended is MuxadoException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }

    private Task LaterAsync() => clock.Delay(s_aWhile * choices.Between(1, 8));

    private static MuxadoStreamOptions OptionsOf(int index) => new() { Priority = (uint)index % 3, StreamType = (uint)index % 2 };
}
