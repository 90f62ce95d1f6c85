using Muxado.Fast.Transport;

namespace Muxado.Fast.Diagnostics;

/// <summary>Who sees the frames of a session that begins: its own tap, and the event source if somebody listens to its frames by then.</summary>
internal static class SessionTaps
{
    /// <summary>The transport itself when nobody wants to see.</summary>
    public static ByteTransport Apply(ByteTransport transport, MuxadoFrameTap? tap, long sessionNumber, bool isClient, bool strictGoAway, TimeProvider clock)
    {
        bool isTraced = MuxadoEventSource.Log.AreFramesEnabled;
        if (tap is null && !isTraced)
            return transport;
        var taps = new List<MuxadoFrameTap>();
        if (tap is not null)
            taps.Add(tap);
        if (isTraced)
            taps.Add(FrameEvents.Instance);
        return new TappedTransport(transport, Tapped(MuxadoFrameDirection.Sent), Tapped(MuxadoFrameDirection.Received));

        TappedDirection Tapped(MuxadoFrameDirection direction) => new(direction, sessionNumber, isClient, strictGoAway, clock, [.. taps]);
    }

    /// <summary>The tap of the event source.</summary>
    private sealed class FrameEvents : MuxadoFrameTap
    {
        public static readonly FrameEvents Instance = new();

        public override void OnFrame(in MuxadoFrame frame)
        {
            if (!MuxadoEventSource.Log.AreFramesEnabled)
                return;
            Span<char> room = stackalloc char[FrameText.TypicalLineChars];
            var details = new FrameText(room);
            details.AppendDetails(frame);
            MuxadoEventSource.Log.Frame(
                frame.Direction == MuxadoFrameDirection.Sent, frame.SessionNumber, FrameText.NameOf(frame.Type), frame.StreamId, frame.Length, details.Text.ToString());
            details.Clear();
        }
    }
}
