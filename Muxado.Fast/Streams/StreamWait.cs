namespace Muxado.Fast.Streams;

/// <summary>What holds a stream's bytes up.</summary>
internal enum StreamWait
{
    /// <summary>A write waits, and the peer's window is used up.</summary>
    Window,

    /// <summary>A write waits, and what it may send is not taken by the transport.</summary>
    Transport,

    /// <summary>The peer's bytes are here, and the application has not read them.</summary>
    Reader,
}
