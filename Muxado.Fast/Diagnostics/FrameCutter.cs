using Muxado.Fast.Framing;

namespace Muxado.Fast.Diagnostics;

/// <summary>
/// Cuts one direction's bytes into whole frames, header included: what <see cref="FrameDecoder"/> leaves out, because a session wants
/// payloads as they come and never the bytes of a header.
/// </summary>
/// <remarks>
/// Owner: one direction of a tapped transport.
/// Threading: one caller at a time.
/// Invariants: the frames put together are the bytes given, up to a header against the rules of framing; that one is cut as a frame of its
/// own, and nothing after it, for nobody knows where the next would begin.
/// Reuse: none. A frame that comes in pieces is gathered in memory that is kept for the next.
/// </remarks>
internal sealed class FrameCutter(bool strictGoAway)
{
    private byte[] _gathered = [];
    private int _gatheredBytes;
    private bool _isStopped;

    /// <summary>Takes the next frame off the input. False: no whole one is there, and the input is used up.</summary>
    /// <param name="input">What is left of what came.</param>
    /// <param name="frame">The frame, valid until the next call.</param>
    /// <param name="violation">What is wrong with it, or null.</param>
    public bool TryCut(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> frame, out string? violation)
    {
        frame = default;
        violation = null;
        if (_isStopped || input.IsEmpty)
            return false;

        int frameBytes;
        if (_gatheredBytes == 0 && input.Length >= Wire.HeaderBytes)
        {
            frameBytes = Measure(input, out violation);
            if (frameBytes <= input.Length)
            {
                frame = input[..frameBytes];
                input = input[frameBytes..];
                return true;
            }
        }

        if (!Gather(ref input, Wire.HeaderBytes))
            return false;
        frameBytes = Measure(_gathered, out violation);
        if (!Gather(ref input, frameBytes))
            return false;
        frame = _gathered.AsSpan(0, frameBytes);
        _gatheredBytes = 0;
        return true;
    }

    private int Measure(ReadOnlySpan<byte> frame, out string? violation)
    {
        FrameHeader header = FrameHeader.Read(frame);
        violation = null;
        if (!FrameRules.IsViolated(header, out _, out string message))
            return Wire.HeaderBytes + FrameRules.BodyBytes(header, strictGoAway);
        violation = message;
        _isStopped = true;
        return Wire.HeaderBytes;
    }

    private bool Gather(ref ReadOnlySpan<byte> input, int wantedBytes)
    {
        if (_gathered.Length == 0)
            _gathered = new byte[Wire.MaxFrameBytes];
        int taken = Math.Min(Math.Max(wantedBytes - _gatheredBytes, 0), input.Length);
        input[..taken].CopyTo(_gathered.AsSpan(_gatheredBytes));
        _gatheredBytes += taken;
        input = input[taken..];
        return _gatheredBytes >= wantedBytes;
    }
}
