using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Muxado.Fast.Buffers;
using Muxado.Fast.Primitives;

namespace Muxado.Fast;

/// <summary>The limits and timings of a session. Checked and copied when a session is created; later changes have no effect on it.</summary>
[SuppressMessage("Usage", "CA2227", Justification = "Options are plain settable data.")]
public class MuxadoSessionOptions
{
    /// <summary>How often a heartbeat is sent. Default 3 s. <see cref="Timeout.InfiniteTimeSpan"/> turns ours off; the peer's are always answered.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long beyond the interval the peer may stay silent before the session ends. Default 60 s; must not be negative.</summary>
    public TimeSpan HeartbeatTolerance { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How many streams may wait to be accepted; further ones are refused, safe to retry. Default 1024, at least 1.</summary>
    public int AcceptBacklog { get; set; } = 1024;

    /// <summary>
    /// How many streams of the peer may be open at once; further ones are refused, safe to retry. A stream counts until it is
    /// closed on the wire and disposed by the application. Default 1024, at least 1.
    /// </summary>
    public int MaxInboundStreams { get; set; } = 1024;

    /// <summary>The largest receive window of one stream, in bytes. Default 1 MiB, from 64 KiB to 1 GiB.</summary>
    public int MaxReceiveWindow { get; set; } = 1024 * 1024;

    /// <summary>How many bytes of window beyond the first 64 KiB all streams of a session may hold together. Default 64 MiB, not negative.</summary>
    public long SessionReceiveBudget { get; set; } = 64L * 1024 * 1024;

    /// <summary>
    /// How long the peer may go without taking what waits to be sent before the session is ended. Where the session has the socket, over TCP on
    /// Linux, a peer whose system acknowledges 16 KiB in nine tenths of this time is slow, not stalled; elsewhere the transport has to take some bytes. Default 10 s,
    /// positive or infinite.
    /// </summary>
    public TimeSpan WriteStallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the rest of a frame may take once it has begun. Default 30 s, positive or infinite.</summary>
    public TimeSpan PartialFrameTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long closing may take in all before the transport is cut. Default 5 s, positive.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many streams the peer may reset before they had an answer, or have us reset by breaking their rules, at once, before that ends the
    /// session; <see cref="EarlyResetsPerSecond"/> says how fast it may go on. Each costs the peer next to nothing and this side a
    /// stream's work, so without a limit it is an attack (rapid reset). Default 1024, as
    /// <see cref="MaxInboundStreams"/> is: a peer may call off all that it has open at once, so raise both together. At least 1.
    /// </summary>
    public int EarlyResetBurst { get; set; } = 1024;

    /// <summary>How many more of the resets that <see cref="EarlyResetBurst"/> counts are allowed with each second. Default 100, not negative.</summary>
    public int EarlyResetsPerSecond { get; set; } = 100;

    /// <summary>
    /// How many RST frames that the peer provokes, or that are for streams that it has opened, may wait for the transport; then nothing is read until the peer has
    /// taken some. Bounds what a peer that does not read makes this side hold. Default 1024, from 1 to 65,536. Whatever it is, reading also stops
    /// while 128 KiB of short frames, mostly FIN and RST, wait behind a transport that takes nothing.
    /// </summary>
    public int MaxQueuedControlFrames { get; set; } = 1024;

    /// <summary>
    /// How many GOAWAY frames the peer may send; one more ends the session. Each has all streams looked at, and an orderly peer sends
    /// one or two. Default 16, at least 1.
    /// </summary>
    public int MaxGoAways { get; set; } = 16;

    /// <summary>
    /// How many streams for <see cref="Extensions"/>, its heartbeat among them, the peer may have open at once; further ones are refused. They are
    /// not counted among <see cref="MaxInboundStreams"/>. Default 64, at least 1.
    /// </summary>
    public int MaxInboundExtensionStreams { get; set; } = 64;

    /// <summary>
    /// Whether a GOAWAY's length must be honest. Default false: Go's muxado announces debug bytes that it never sends, and is
    /// understood. Set it when every peer is known to tell the truth.
    /// </summary>
    public bool StrictGoAway { get; set; }

    /// <summary>Where the code after an awaited operation runs. <see cref="MuxadoScheduling.Default"/> is right unless a measurement says otherwise.</summary>
    public MuxadoScheduling Scheduling { get; set; }

    /// <summary>
    /// How long a session looks for the next message by itself before it leaves the wait to the system, while one small message at a time is
    /// exchanged and the peer is found to answer that quickly. Saves two wakes a message, for a processor that is busy
    /// meanwhile; at most half of the processors are. 0 to 10 ms, 0 to turn it off; default 200 us. TCP and Unix sockets, and TLS
    /// that <see cref="MuxadoSession.ConnectAsync"/> or <see cref="MuxadoListener"/> set up.
    /// </summary>
    public TimeSpan BusyPoll { get; set; } = TimeSpan.FromMicroseconds(200);

    /// <summary>
    /// Handlers for reserved stream types, 0xFFFFFF00 to 0xFFFFFFFF, at most one for each; 0xFFFFFEFF is the heartbeat's. Default none besides
    /// the built-in heartbeat.
    /// </summary>
    public IList<MuxadoExtension> Extensions { get; set; } = [];

    /// <summary>Sees every frame of the session, for debugging: a <see cref="MuxadoFrameLog"/>, a <see cref="MuxadoPcapngWriter"/>, or one of your own. Default null.</summary>
    public MuxadoFrameTap? FrameTap { get; set; }

    /// <summary>The clock of every timeout. Default <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>What a timer can wait.</summary>
    private static readonly TimeSpan MaxInterval = TimeSpan.FromDays(24);

    /// <summary>Longer than any wake takes.</summary>
    private static readonly TimeSpan MaxBusyPoll = TimeSpan.FromMilliseconds(10);

    /// <summary>Where work goes that must not run on its caller's thread; a simulation's seam.</summary>
    internal WorkScheduler Scheduler { get; set; } = WorkScheduler.ThreadPool;

    internal BlockPool Blocks { get; set; } = BlockPool.Shared;

    /// <summary>Where the heartbeat's jitter comes from; a simulation's seam.</summary>
    internal Random Random { get; set; } = Random.Shared;

    /// <summary>Where this side's ids begin when not at the beginning: to see them run out.</summary>
    internal uint? FirstStreamId { get; set; }

    /// <summary>A copy that later changes do not reach, after a check of every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range; the message names both.</exception>
    internal MuxadoSessionOptions ToChecked()
    {
        CheckInterval(HeartbeatInterval);
        if (HeartbeatTolerance < TimeSpan.Zero || HeartbeatTolerance > MaxInterval)
            throw OutOfRange(HeartbeatTolerance, "must be from zero to 24 days");
        CheckAtLeast(AcceptBacklog, 1);
        CheckAtLeast(MaxInboundStreams, 1);
        CheckAtLeast(EarlyResetBurst, 1);
        CheckAtLeast(EarlyResetsPerSecond, 0);
        if (MaxQueuedControlFrames is < 1 or > 65536)
            throw OutOfRange(MaxQueuedControlFrames, "must be from 1 to 65,536");
        CheckAtLeast(MaxGoAways, 1);
        CheckAtLeast(MaxInboundExtensionStreams, 1);
        if (MaxReceiveWindow is < 64 * 1024 or > 1024 * 1024 * 1024)
            throw OutOfRange(MaxReceiveWindow, "must be from 65,536 (64 KiB) to 1,073,741,824 (1 GiB) bytes");
        if (SessionReceiveBudget < 0)
            throw OutOfRange(SessionReceiveBudget, "must not be negative");
        CheckInterval(WriteStallTimeout);
        CheckInterval(PartialFrameTimeout);
        if (CloseTimeout <= TimeSpan.Zero || CloseTimeout > MaxInterval)
            throw OutOfRange(CloseTimeout, "must be positive, and at most 24 days");
        if (!Enum.IsDefined(Scheduling))
            throw OutOfRange(Scheduling, $"must be one of {string.Join(", ", Enum.GetNames<MuxadoScheduling>())}");
        if (BusyPoll < TimeSpan.Zero || BusyPoll > MaxBusyPoll)
            throw OutOfRange(BusyPoll, "must be from 0, which turns it off, to 10 ms");
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentNullException.ThrowIfNull(Extensions);
        CheckExtensions();

        var copy = (MuxadoSessionOptions)MemberwiseClone();
        copy.Extensions = [.. Extensions];
        return copy;
    }

    private void CheckExtensions()
    {
        var types = new HashSet<uint> { MuxadoExtension.FirstReservedStreamType };
        foreach (MuxadoExtension extension in Extensions)
        {
            ArgumentNullException.ThrowIfNull(extension, nameof(Extensions));
            if (!types.Add(extension.StreamType))
                throw new ArgumentException($"{nameof(Extensions)}: stream type 0x{extension.StreamType:X8} is registered twice, or is the heartbeat's.", nameof(Extensions));
        }
    }

    private static void CheckAtLeast(int value, int minimum, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if (value < minimum)
            throw OutOfRange(value, $"must be at least {minimum}", name);
    }

    private static void CheckInterval(TimeSpan value, [CallerArgumentExpression(nameof(value))] string name = "")
    {
        if ((value <= TimeSpan.Zero || value > MaxInterval) && value != Timeout.InfiniteTimeSpan)
            throw OutOfRange(value, "must be positive and at most 24 days, or Timeout.InfiniteTimeSpan to turn it off", name);
    }

    private static ArgumentOutOfRangeException OutOfRange(object value, string range, [CallerArgumentExpression(nameof(value))] string name = "") =>
        new(name, value, $"{name} {range}.");
}
