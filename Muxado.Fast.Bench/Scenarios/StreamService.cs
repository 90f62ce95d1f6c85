namespace Muxado.Fast.Bench.Scenarios;

/// <summary>What a stream of a <see cref="ServiceSession"/> is for: its type on the wire.</summary>
internal enum StreamService : uint
{
    /// <summary>Bulk, verified and swallowed: what a stream without a type gets.</summary>
    Sink = 0,

    /// <summary>Comes back as it went.</summary>
    Echo = 1,

    /// <summary>Accepted and kept, never read.</summary>
    Hold = 2,

    /// <summary>Its first byte is echoed, then it is kept.</summary>
    EchoOneAndHold = 3,

    /// <summary>Asks how much memory the server uses, see <see cref="RemoteMemory"/>.</summary>
    Memory = 4,
}
