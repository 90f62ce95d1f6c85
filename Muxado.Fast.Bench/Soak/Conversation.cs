namespace Muxado.Fast.Bench.Soak;

/// <summary>One stream as both of its ends know it, which live in one process: what is said each way, and what either did to it.</summary>
/// <remarks>
/// Owner: the opener, which has it listed in the <see cref="SoakContext"/> for as long as it uses it; the accepting end finds it by its
/// number, which is the stream's type on the wire.
/// Threading: any thread. Who has seen it is settled by one exchange.
/// Invariants: it is accepted once at most, and never after a failure that was said to be safe to retry.
/// </remarks>
internal sealed class Conversation(uint number)
{
    private const int Unseen = 0;
    private const int Accepted = 1;
    private const int GivenUp = 2;

    private int _seen;
    private bool _isMute;

    public uint Number => number;

    public Party Opener { get; private set; } = new(OpenersFlow(number));

    public Party Acceptor { get; private set; } = new(AcceptorsFlow(number));

    public Party PeerOf(Party party) => party == Opener ? Acceptor : Opener;

    /// <summary>The application has seen the stream. False: it must not, or did before.</summary>
    public bool TryAccept() => Interlocked.CompareExchange(ref _seen, Accepted, Unseen) == Unseen;

    /// <summary>The opener was told that the peer's application certainly never saw the stream. False: it did.</summary>
    public bool TryGiveUp() => Interlocked.CompareExchange(ref _seen, GivenUp, Unseen) != Accepted;

    /// <summary>The opener says nothing but the end, and that at once.</summary>
    public void Mute()
    {
        _isMute = true;
        Opener.Says.NoteEnd();
    }

    /// <summary>Begins it anew, on another stream. Whoever still accepts the old one is found out when the new one is.</summary>
    public void Renew()
    {
        (Opener, Acceptor) = (new Party(OpenersFlow(number)), new Party(AcceptorsFlow(number)));
        if (_isMute)
            Mute();
        Volatile.Write(ref _seen, Unseen);
    }

    // Each direction says something else, or bytes that went the wrong way might pass for the right ones.
    private static uint OpenersFlow(uint number) => 2 * number;

    private static uint AcceptorsFlow(uint number) => (2 * number) + 1;

    /// <summary>One end: what it says, and what it did to the stream. Noted before it is done.</summary>
    internal sealed class Party(uint flow)
    {
        private const int NotAborted = -1;

        private volatile int _abortCode = NotAborted;
        private volatile bool _hasLeft;

        public SharedFlow Says { get; } = new(flow);

        /// <summary>Whether it disposes the stream before everything was said and heard.</summary>
        public bool HasLeft
        {
            get => _hasLeft;
            set => _hasLeft = value;
        }

        public bool HasAborted => _abortCode != NotAborted;

        public void NoteAbort(MuxadoErrorCode code) => _abortCode = (int)code;

        /// <summary>Whether what it did to the stream may show to the other end as a reset with this code.</summary>
        public bool MayReset(MuxadoErrorCode? code) =>
            _abortCode == (int?)code || (_hasLeft && code is MuxadoErrorCode.StreamClosed or MuxadoErrorCode.Cancel);
    }
}
