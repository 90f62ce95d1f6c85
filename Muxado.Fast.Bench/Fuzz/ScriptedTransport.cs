using Muxado.Fast.Bench.Simulation;
using Muxado.Fast.Transport;

namespace Muxado.Fast.Bench.Fuzz;

/// <summary>The peer: its bytes come in pieces, then the end or an error, and it takes what it is sent, if it takes anything.</summary>
/// <remarks>Owner: a session. Threading: the run's; a callback is always an event of its own.</remarks>
internal sealed class ScriptedTransport : ByteTransport
{
    private static readonly TimeSpan s_latency = TimeSpan.FromMicroseconds(50);

    private readonly VirtualClock _clock;
    private readonly Choices _choices;
    private readonly bool _failsAtEnd;
    private readonly bool _takesNothing;
    private readonly bool _canShutSend;
    private readonly List<byte> _sent;
    private ReadOnlyMemory<byte> _input;
    private Memory<byte>? _receiving;
    private ReadOnlyMemory<byte>? _sending;
    private bool _isDisposed;

    /// <param name="clock">When everything happens.</param>
    /// <param name="choices">How.</param>
    /// <param name="input">What comes.</param>
    /// <param name="sent">Gets what is sent.</param>
    public ScriptedTransport(VirtualClock clock, Choices choices, byte[] input, List<byte> sent)
    {
        _sent = sent;
        _clock = clock;
        _choices = choices;
        _input = input;
        _failsAtEnd = choices.OneIn(8);
        _takesNothing = choices.OneIn(16);
        _canShutSend = !choices.OneIn(4);
        CanSendWithoutCopy = !choices.OneIn(4);
        CanPoll = choices.OneIn(2);
    }

    public override bool CanPoll { get; }

    public override bool CanSendWithoutCopy { get; }

    public override bool Receive(Memory<byte> buffer, out TransportResult result)
    {
        result = default;
        if (!_isDisposed && !_input.IsEmpty && _choices.OneIn(4))
        {
            result = Take(buffer);
            return true;
        }

        _receiving = buffer;
        _clock.After(Latency(), Deliver);
        return false;
    }

    public override int TrySend(ReadOnlySpan<byte> bytes) => _isDisposed || _takesNothing ? 0 : Put(bytes, atOnce: true);

    public override int TrySend(IList<ArraySegment<byte>> segments)
    {
        var sent = 0;
        for (var i = 0; i < segments.Count; i++)
        {
            var taken = TrySend(segments[i].AsSpan());
            sent += taken;
            if (taken < segments[i].Count)
                break;
        }

        return sent;
    }

    public override bool Send(ReadOnlyMemory<byte> bytes, out TransportResult result)
    {
        result = new TransportResult(bytes.Length);
        if (!_isDisposed && !_takesNothing && !_choices.OneIn(3))
        {
            Put(bytes.Span, atOnce: false);
            return true;
        }

        _sending = bytes;
        if (!_takesNothing)
            _clock.After(Latency(), CompleteSend);
        return false;
    }

    public override bool ShutdownSend() => _canShutSend;

    public override void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_takesNothing && _sending is not null)
            _clock.After(TimeSpan.Zero, CompleteSend);
    }

    private void Deliver()
    {
        var buffer = _receiving!.Value;
        _receiving = null;
        Callbacks.OnReceived(_isDisposed ? Gone() : Take(buffer));
    }

    private void CompleteSend()
    {
        var bytes = _sending!.Value;
        _sending = null;
        if (!_isDisposed)
            Put(bytes.Span, atOnce: false);
        Callbacks.OnSent(_isDisposed ? Gone() : new TransportResult(bytes.Length));
    }

    private TransportResult Take(Memory<byte> buffer)
    {
        if (_input.IsEmpty)
            return _failsAtEnd ? Gone() : default;
        var most = Math.Min(buffer.Length, _input.Length);
        var count = _choices.IsPlain || _choices.OneIn(2) ? most : Math.Min(most, _choices.Between(1, 32));
        _input.Span[..count].CopyTo(buffer.Span);
        _input = _input[count..];
        return new TransportResult(count);
    }

    private int Put(ReadOnlySpan<byte> bytes, bool atOnce)
    {
        if (atOnce && _choices.OneIn(4))
            bytes = bytes[..(bytes.Length / 2)];
        _sent.AddRange(bytes);
        return bytes.Length;
    }

    private TimeSpan Latency() => s_latency * _choices.Between(1, 8);

    private static TransportResult Gone() => new(0, new IOException("The connection was reset."));
}
