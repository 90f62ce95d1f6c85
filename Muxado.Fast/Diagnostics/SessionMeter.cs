using System.Diagnostics.Metrics;
using Muxado.Fast.Streams;

namespace Muxado.Fast.Diagnostics;

/// <summary>The meter "Muxado.Fast". docs/diagnostics.md says what each instrument means.</summary>
/// <remarks>
/// Owner: the process.
/// Threading: any thread. Recording runs a listener's code, so it is done with no lock held.
/// Invariants: whatever happens with every operation is counted by the sessions themselves, and added up here when somebody looks;
/// only what happens rarely is recorded one by one.
/// </remarks>
internal static class SessionMeter
{
    public const string Name = "Muxado.Fast";

    private const string RoleTag = "muxado.session.role";
    private const string DirectionTag = "network.io.direction";
    private const string BlockedOnTag = "muxado.blocked.on";
    private const string ErrorTag = "error.type";

    private static readonly KeyValuePair<string, object?> Client = new(RoleTag, "client");
    private static readonly KeyValuePair<string, object?> Server = new(RoleTag, "server");
    private static readonly KeyValuePair<string, object?> Transmit = new(DirectionTag, "transmit");
    private static readonly KeyValuePair<string, object?> Receive = new(DirectionTag, "receive");

    private static readonly KeyValuePair<string, object?>[] BlockedOn =
        [new(BlockedOnTag, "window"), new(BlockedOnTag, "transport"), new(BlockedOnTag, "reader")];

    private static readonly KeyValuePair<string, object?>[] ResetCode =
        [.. Enum.GetNames<MuxadoErrorCode>().Append("_OTHER").Select(name => new KeyValuePair<string, object?>(ErrorTag, name))];

    private static readonly Meter Meter = new(new MeterOptions(Name) { Version = typeof(SessionMeter).Assembly.GetName().Version?.ToString(3) });

    /// <summary>Null when a listener threw as it was told of them: its failure is its own, so then nothing is measured.</summary>
    private static readonly Instruments? All;

    /// <summary>Not left to the field's initializer, which would run at the first measurement, and not at the first call.</summary>
    static SessionMeter() => All = TryCreate();

    /// <summary>Whether anybody wants to know for how long streams are held up.</summary>
    public static bool IsBlockedTimeWanted => All is { BlockedTime.Enabled: true };

    /// <summary>Makes the instruments known to listeners, the first time.</summary>
    public static void Publish()
    {
        // The type's constructor does it.
    }

    public static void RecordSession(bool isClient, MuxadoError error, TimeSpan duration)
    {
        if (All is not { SessionDuration: { Enabled: true } histogram })
            return;
        try
        {
            if (error == MuxadoError.None)
                histogram.Record(duration.TotalSeconds, RoleOf(isClient));
            else
                histogram.Record(duration.TotalSeconds, RoleOf(isClient), new KeyValuePair<string, object?>(ErrorTag, error.ToString()));
        }
        catch (Exception)
        {
            // A listener's failure is its own.
        }
    }

    public static void RecordHeartbeat(bool isClient, TimeSpan roundTrip)
    {
        if (All is not { HeartbeatDuration: { Enabled: true } histogram })
            return;
        try
        {
            histogram.Record(roundTrip.TotalSeconds, RoleOf(isClient));
        }
        catch (Exception)
        {
            // A listener's failure is its own.
        }
    }

    private static Instruments? TryCreate()
    {
        try
        {
            return new Instruments();
        }
        catch (Exception)
        {
            return null;
        }
    }

    private static KeyValuePair<string, object?> RoleOf(bool isClient) => isClient ? Client : Server;

    private static IEnumerable<Measurement<long>> Each(Func<SessionTotals, long> number) =>
    [
        new(number(LiveSessions.Sum(clients: true)), Client),
        new(number(LiveSessions.Sum(clients: false)), Server),
    ];

    private static IEnumerable<Measurement<long>> ObserveBytes()
    {
        foreach (bool isClient in (bool[])[true, false])
        {
            SessionTotals totals = LiveSessions.Sum(isClient);
            yield return new(totals.BytesSent, RoleOf(isClient), Transmit);
            yield return new(totals.BytesReceived, RoleOf(isClient), Receive);
        }
    }

    /// <summary>Only codes that have occurred: most of them never do.</summary>
    private static IEnumerable<Measurement<long>> ObserveResets()
    {
        foreach (bool isClient in (bool[])[true, false])
        {
            SessionTotals totals = LiveSessions.Sum(isClient);
            for (int code = 0; code < SessionCounters.ResetCodes; code++)
            {
                if (totals.ResetsSent[code] > 0)
                    yield return new(totals.ResetsSent[code], RoleOf(isClient), Transmit, ResetCode[code]);
                if (totals.ResetsReceived[code] > 0)
                    yield return new(totals.ResetsReceived[code], RoleOf(isClient), Receive, ResetCode[code]);
            }
        }
    }

    private static IEnumerable<Measurement<double>> ObserveBlocked()
    {
        foreach (bool isClient in (bool[])[true, false])
        {
            SessionTotals totals = LiveSessions.Sum(isClient);
            for (StreamWait wait = StreamWait.Window; wait <= StreamWait.Reader; wait++)
                yield return new(totals.WaitSeconds[(int)wait], RoleOf(isClient), BlockedOn[(int)wait]);
        }
    }

    private sealed class Instruments
    {
        public Instruments()
        {
            SessionDuration = Meter.CreateHistogram(
                "muxado.session.duration",
                "s",
                "How long sessions lived.",
                tags: null,
                new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14400, 86400] });
            HeartbeatDuration = Meter.CreateHistogram(
                "muxado.heartbeat.duration",
                "s",
                "The round trips of heartbeats.",
                tags: null,
                new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
            BlockedTime = Meter.CreateObservableCounter(
                "muxado.stream.blocked.time", ObserveBlocked, "s", "How long streams were held up, by what held them up.");
            Meter.CreateObservableUpDownCounter("muxado.active_sessions", static () => Each(totals => totals.Sessions), "{session}", "Sessions that have begun and not ended.");
            Meter.CreateObservableUpDownCounter("muxado.active_streams", static () => Each(totals => totals.ActiveStreams), "{stream}", "The application's streams that are open on the wire.");
            Meter.CreateObservableUpDownCounter("muxado.queued_streams", static () => Each(totals => totals.QueuedStreams), "{stream}", "The peer's streams that wait to be accepted.");
            Meter.CreateObservableCounter("muxado.io", ObserveBytes, "By", "Bytes that the transports took and gave, before encryption.");
            Meter.CreateObservableCounter("muxado.stream.resets", ObserveResets, "{reset}", "Streams that were reset, by the code of the RST.");
        }

        public Histogram<double> SessionDuration { get; }

        public Histogram<double> HeartbeatDuration { get; }

        public ObservableCounter<double> BlockedTime { get; }
    }
}
