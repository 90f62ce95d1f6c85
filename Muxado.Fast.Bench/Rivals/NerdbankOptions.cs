using System.Diagnostics;
using System.Net.Sockets;
using Nerdbank.Streams;

namespace Muxado.Fast.Bench.Rivals;

/// <summary>How both ends set Nerdbank.Streams up to be fast.</summary>
internal static class NerdbankOptions
{
    // As much as one of our streams may have under way.
    private const long WindowBytes = 1024 * 1024;

    // Without one, the library makes a trace source for each channel, which the runtime keeps a list of: that costs more than the channel.
    private static readonly TraceSource s_silence = new("Nerdbank.Streams", SourceLevels.Off);

    public static MultiplexingStream.ChannelOptions Channel { get; } = new()
    {
        TraceSource = s_silence,
        ChannelReceivingWindowSize = WindowBytes,
    };

    /// <summary>A connection that does not listen yet, so that no offer is missed.</summary>
    public static MultiplexingStream Create(Socket socket) => MultiplexingStream.Create(
        new NetworkStream(socket, ownsSocket: true),
        new MultiplexingStream.Options
        {
            ProtocolMajorVersion = 3,
            DefaultChannelReceivingWindowSize = WindowBytes,
            StartSuspended = true,
            TraceSource = s_silence,
        });
}
