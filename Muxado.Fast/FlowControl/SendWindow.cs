using System.Diagnostics;
using Muxado.Fast.Framing;

namespace Muxado.Fast.FlowControl;

/// <summary>How many bytes of DATA the peer still allows us on one stream.</summary>
/// <remarks>
/// Owner: one stream core.
/// Threading: under the stream's lock.
/// Invariants: 0 to 2^31-1, never more than was granted.
/// </remarks>
internal struct SendWindow(int initialBytes)
{
    public int AvailableBytes { get; private set; } = initialBytes;

    /// <summary>Takes what is wanted, or as much of it as there is; returns how much.</summary>
    public int Take(int wanted)
    {
        Debug.Assert(wanted >= 0, "a window is grown by TryGrow, not by taking less than nothing");
        int taken = Math.Min(wanted, AvailableBytes);
        AvailableBytes -= taken;
        return taken;
    }

    /// <summary>Puts back what was taken and not sent.</summary>
    public void PutBack(int bytes)
    {
        Debug.Assert(bytes >= 0, "only what was taken can be put back");

        // The peer may have filled the window to its limit meanwhile: having less than it granted is always safe.
        AvailableBytes = (int)Math.Min((long)AvailableBytes + bytes, Wire.MaxWindowBytes);
    }

    /// <summary>Adds the peer's credit. False: it would pass 2^31-1, which is the peer's error, and nothing was added.</summary>
    public bool TryGrow(uint credit)
    {
        if (credit > (uint)(Wire.MaxWindowBytes - AvailableBytes))
            return false;
        AvailableBytes += (int)credit;
        return true;
    }
}
