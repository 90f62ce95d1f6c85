using Muxado.Fast.Framing;

namespace Muxado.Fast.Diagnostics;

/// <summary>One direction of a tapped session: its bytes go in, and each frame goes to the taps.</summary>
/// <remarks>
/// Owner: the tapped transport.
/// Threading: one caller at a time, as the transport's operations of one kind are; nothing is locked while a tap is called.
/// Invariants: a tap that has thrown is not called again.
/// </remarks>
internal sealed class TappedDirection(MuxadoFrameDirection direction, long sessionNumber, bool isClient, bool strictGoAway, TimeProvider clock, MuxadoFrameTap[] taps)
{
    private readonly FrameCutter _cutter = new(strictGoAway);
    private readonly MuxadoFrameTap?[] _taps = [.. taps];

    public void Pass(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        DateTimeOffset now = clock.GetUtcNow();
        while (_cutter.TryCut(ref bytes, out ReadOnlySpan<byte> frame, out string? violation))
        {
            FrameHeader header = FrameHeader.Read(frame);
            Tell(new MuxadoFrame
            {
                SessionNumber = sessionNumber,
                IsClient = isClient,
                Direction = direction,
                Timestamp = now,
                Type = (MuxadoFrameType)header.Type,
                Flags = (byte)header.Flags,
                StreamId = header.StreamId,
                Length = header.PayloadBytes,
                Bytes = frame,
                Violation = violation,
            });
        }
    }

    private void Tell(in MuxadoFrame frame)
    {
        for (int i = 0; i < _taps.Length; i++)
        {
            try
            {
                _taps[i]?.OnFrame(frame);
            }
            catch (Exception exception)
            {
                _taps[i] = null;
                MuxadoEventSource.Log.FrameTapFailed(sessionNumber, exception.ToString());
            }
        }
    }
}
