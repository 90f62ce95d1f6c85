namespace Muxado.Fast.Tests.Support;

/// <summary>The frame types of muxado generation 1.</summary>
public enum WireType
{
    Syn = 1,
    Rst = 2,
    Data = 3,
    WndInc = 4,
    Pri = 5,
    GoAway = 6,
}
