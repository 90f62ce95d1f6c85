using System.Buffers.Binary;
using Muxado.Fast.Bench.Micro.Sessions;

namespace Muxado.Fast.Tests.Sessions;

/// <summary>A session on which several threads open, write, half-close and reset at once, and what its peer sees in the end.</summary>
internal sealed class ParallelWriters
{
    private const int Streams = 3;

    private readonly PreparedPeer _peer = new(isClient: true);
    private readonly MuxadoStreamHandle[] _streams = new MuxadoStreamHandle[Streams];
    private readonly List<byte> _sent = [];
    private string? _seen;

    public ParallelWriters()
    {
        _peer.Transport.Recording = _sent;
        for (int i = 0; i < Streams; i++)
            _streams[i] = _peer.Session.OpenHandle();
    }

    /// <summary>Each stream's bytes and how it ended, in the order of the SYNs. Where frames begin and end is left out: batches decide that.</summary>
    public string Seen => _seen ??= End();

    public void Open(int type) => _peer.Session.OpenHandle(new MuxadoStreamOptions { StreamType = (uint)type, CompleteWrites = true });

    /// <summary>One byte, which goes at once or never: of larger writes a stream takes only one at a time.</summary>
    public void Write(int stream, byte mark) => Ignoring(() => _streams[stream % Streams].TryWrite([mark], out _));

    public void CompleteWrites(int stream) => Ignoring(() => _streams[stream % Streams].CompleteWrites());

    public void Abort(int stream) => Ignoring(() => _streams[stream % Streams].Abort());

    private static void Ignoring(Action write)
    {
        try
        {
            write();
        }
        catch (Exception refused) when (refused is MuxadoException or InvalidOperationException)
        {
            // Half-closed, reset, or another thread is writing to it.
        }
    }

    private string End()
    {
        // The last flush may still be under way on the session's own timer, and half a frame be recorded.
        if (!SpinWait.SpinUntil(() => _peer.Session.GetSnapshot().UnsentBytes == 0, TimeSpan.FromSeconds(10)))
            throw new TimeoutException("What was written has not been sent within 10 s.");
        string seen = Describe();
        _peer.Session.Abort();
        return seen;
    }

    private string Describe()
    {
        byte[] sent;
        lock (_sent)
            sent = [.. _sent];
        SortedDictionary<uint, string> streams = [];
        for (int at = 0; at < sent.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(sent.AsSpan(at));
            uint id = BinaryPrimitives.ReadUInt32BigEndian(sent.AsSpan(at + 4));
            string body = Convert.ToHexString(sent.AsSpan(at + 8, length));
            if (sent[at + 3] == 1 && streams.Keys.Any(earlier => earlier >= id))
                return $"SYN {id} after {streams.Keys.Max()}";
            streams[id] = streams.GetValueOrDefault(id, "") + (sent[at + 3], sent[at + 2]) switch
            {
                (1, _) => $"SYN {body}:",
                (2, _) => " RST",
                (_, 1) => body + " FIN",
                _ => body,
            };
            at += 8 + length;
        }

        return string.Join(Environment.NewLine, streams.Select(stream => $"{stream.Key} {stream.Value}"));
    }
}
