using Muxado.Fast.Tests.Support;

namespace Muxado.Fast.Tests.Faults;

/// <summary>What one side says on a stream that it opens. The other side says the same back.</summary>
internal sealed record Message(int Length, MuxadoStreamOptions Options = default)
{
    /// <summary>The type of a stream that the other side aborts, with <see cref="MuxadoErrorCode.Cancel"/>, instead of answering.</summary>
    public const uint Unwelcome = 13;

    /// <summary>The type of a stream that the other side accepts, and neither reads nor writes.</summary>
    public const uint Unread = 14;

    /// <summary>No two streams say the same.</summary>
    public byte[] ContentOn(uint id) => Pattern.Bytes(Length, from: 1000L * id);
}
