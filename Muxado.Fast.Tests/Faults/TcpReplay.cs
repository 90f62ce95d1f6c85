using System.Net.Sockets;
using Muxado.Fast.Buffers;
using Muxado.Fast.Tests.Conformance;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Faults;

/// <summary>A session and its application on a TCP connection whose other end plays a script's peer.</summary>
internal sealed class TcpReplay : IDisposable
{
    private static readonly BlockPool s_blocks = new();
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    private readonly int _rentedBefore = s_blocks.Outstanding;
    private readonly Script _script;
    private readonly Socket _peer;
    private readonly Talker _talker;
    private readonly Task<byte[]> _said;
    private bool _isReset;

    private TcpReplay(Script script, Socket session, Socket peer)
    {
        (_script, _peer) = (script, peer);
        _peer.NoDelay = true;
        var options = new MuxadoSessionOptions { Blocks = s_blocks };
        _talker = new Talker(
            script.Role == Role.Client ? MuxadoSession.CreateClient(session, options) : MuxadoSession.CreateServer(session, options), Script.Ours);
        _said = SocketReading.ReceiveToEndAsync(peer);
    }

    public MuxadoSession Session => _talker.Session;

    public static async Task<TcpReplay> StartAsync(Script script)
    {
        var (session, peer) = await SessionPair.ConnectSocketsAsync(TransportKind.Tcp);
        return new TcpReplay(script, session, peer);
    }

    /// <summary>Sends this part of the script, and waits until the session has received it.</summary>
    public async Task SendAsync(int from, int to)
    {
        for (int at = from; at < to;)
            at += await _peer.SendAsync(_script.Heard.AsMemory(at, to - at)).Soon();

        await WaitUntilAsync(() => Session.GetSnapshot().BytesReceived >= to, $"the session has received {to} bytes");
    }

    /// <summary>Waits until everything is said and heard. A farewell that came earlier would rightly cut it off.</summary>
    public Task FinishTalksAsync() => WaitUntilAsync(() => _talker.FinishedTalks == Script.Talks, "all has been talked over");

    public void EndSending() => _peer.Shutdown(SocketShutdown.Send);

    /// <summary>Cuts the connection with a TCP reset.</summary>
    public void Reset()
    {
        if (_isReset)
            return;
        _isReset = true;
        _peer.LingerState = new LingerOption(true, 0);
        _peer.Dispose();
    }

    /// <summary>Waits for the end, and checks the promise.</summary>
    /// <param name="heard">How much of the script the session has heard.</param>
    /// <param name="isSaidKnown">Whether the peer got everything that the session sent.</param>
    public async Task VerifyAsync(int heard, bool isSaidKnown = true)
    {
        await Session.Completion.Soon();
        await _talker.Ended.Soon();
        var said = await _said.Soon();
        Promise.Verify(_talker, _script.Heard.AsSpan(0, heard), isSaidKnown ? said : []);

        // Whoever was at sending when the session ended gives back what it held a moment later.
        SpinWait.SpinUntil(() => s_blocks.Outstanding == _rentedBefore, s_limit);
        Assert.That(s_blocks.Outstanding, Is.EqualTo(_rentedBefore), "rented buffers did not come back");
    }

    public void VerifyComplete() => Promise.VerifyComplete(_talker, Script.Talks);

    public void Dispose()
    {
        Session.Abort();
        _talker.LetGo();
        Reset(); // Thousands of connections one after the other: none is to linger.
    }

    // Often, a look is enough; a wait of the system's kind would take longer than all the rest.
    private static async Task WaitUntilAsync(Func<bool> condition, string what)
    {
        long started = Environment.TickCount64;
        while (!condition())
        {
            if (Environment.TickCount64 - started > s_limit.TotalMilliseconds)
                throw new AssertionException($"Waited {s_limit.TotalSeconds} s in vain until {what}.");
            await Task.Yield();
        }
    }
}
