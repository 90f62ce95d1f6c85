using static Muxado.Fast.Bench.Fuzz.FuzzFailureException;

namespace Muxado.Fast.Bench.Fuzz;

/// <summary>A stream, and what the peer has sent on it: each byte that is read must be the next of that, and the end come just behind the last.</summary>
internal sealed class Conversation(MuxadoStream stream, PeerScript.Flow sent)
{
    private int _read;

    public MuxadoStream Stream => stream;

    /// <summary>Reads once. False: the end.</summary>
    public async Task<bool> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (count > 0)
            CheckRead(buffer.Span[..count]);
        else if (!buffer.IsEmpty)
            CheckEnd();
        return count > 0 || buffer.IsEmpty;
    }

    public void CheckRead(ReadOnlySpan<byte> bytes)
    {
        var rest = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(sent.Bytes)[_read..];
        Require(rest.StartsWith(bytes), $"bytes {_read} to {_read + bytes.Length} of stream {stream.Id} are not what the peer sent");
        _read += bytes.Length;
    }

    public void CheckEnd() => Require(_read == sent.EndAt, $"stream {stream.Id} ended after {_read} bytes, its FIN comes after {sent.EndAt?.ToString() ?? "none"}");
}
