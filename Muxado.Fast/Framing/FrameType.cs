namespace Muxado.Fast.Framing;

/// <summary>The low five bits of a header's fourth byte.</summary>
internal enum FrameType : byte
{
    Syn = 1,
    Rst = 2,
    Data = 3,
    WindowIncrement = 4,

    /// <summary>Reserved and never defined: receiving it ends the session.</summary>
    Priority = 5,
    GoAway = 6,
}
