namespace Muxado.Fast.Framing;

/// <summary>The third byte of a header. Bits without a name are ignored on receipt.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,

    /// <summary>The sender writes no more on this stream.</summary>
    Fin = 1,

    /// <summary>A SYN that carries a priority.</summary>
    Priority = 2,

    /// <summary>A SYN that carries a stream type, after the priority if there is one.</summary>
    StreamType = 4,
}
