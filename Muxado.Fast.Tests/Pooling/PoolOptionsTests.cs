using System.Net;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Pooling;

public sealed class PoolOptionsTests
{
    private static readonly Dictionary<string, Action<MuxadoSessionPoolOptions>> s_mistakes = new()
    {
        ["MaxSessions of zero"] = o => o.MaxSessions = 0,
        ["MaxSessions too large"] = o => o.MaxSessions = 1025,
        ["MinSessions below zero"] = o => o.MinSessions = -1,
        ["MinSessions above the most"] = o => o.MinSessions = 5,
        ["MaxStreamsPerSession of zero"] = o => o.MaxStreamsPerSession = 0,
        ["IdleTimeout of zero"] = o => o.IdleTimeout = TimeSpan.Zero,
        ["DialTimeout below zero"] = o => o.DialTimeout = TimeSpan.FromSeconds(-3),
        ["DialTimeout too long"] = o => o.DialTimeout = TimeSpan.FromDays(25),
        ["OpenTimeout of zero"] = o => o.OpenTimeout = TimeSpan.Zero,
        ["InitialBackoff of zero"] = o => o.InitialBackoff = TimeSpan.Zero,
        ["InitialBackoff above the cap"] = o => o.InitialBackoff = TimeSpan.FromMinutes(1),
        ["MaxBackoff of zero"] = o => o.MaxBackoff = TimeSpan.Zero,
        ["MaxBackoff infinite"] = o => o.MaxBackoff = Timeout.InfiniteTimeSpan,
        ["MaxBackoff too long"] = o => o.MaxBackoff = TimeSpan.FromDays(2),
        ["MaxRetries below zero"] = o => o.MaxRetries = -1,
        ["TimeProvider missing"] = o => o.TimeProvider = null!,
    };

    private static IEnumerable<string> Mistakes => s_mistakes.Keys;

    [TestCaseSource(nameof(Mistakes))]
    public void Creating_a_pool_with_a_wrong_option_names_it(string mistake)
    {
        var options = new MuxadoSessionPoolOptions();
        s_mistakes[mistake](options);

        var failure = Assert.Throws(
            Is.InstanceOf<ArgumentException>(), () => _ = new MuxadoSessionPool(_ => throw new InvalidOperationException("not to be called"), options));

        Assert.That(failure!.Message, Does.Contain(mistake.Split(' ')[0]));
    }

    [Test]
    public void The_sessions_options_are_checked_when_the_pool_is_created()
    {
        var server = new MuxadoClientOptions { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1), AcceptBacklog = 0 };

        Assert.That(() => new MuxadoSessionPool(server), Throws.InstanceOf<ArgumentException>().With.Message.Contains("AcceptBacklog"));
        Assert.That(
            () => new MuxadoSessionPool(new MuxadoClientOptions { RemoteEndPoint = null! }),
            Throws.ArgumentNullException.With.Message.Contains("RemoteEndPoint"));
        Assert.That(() => new MuxadoSessionPool((MuxadoClientOptions)null!), Throws.ArgumentNullException);
        Assert.That(() => new MuxadoSessionPool((Func<CancellationToken, ValueTask<MuxadoSession>>)null!), Throws.ArgumentNullException);
    }

    [Test]
    public async Task The_extreme_values_of_every_option_are_accepted_and_later_changes_have_no_effect()
    {
        await using var server = new PoolServer();
        var options = new MuxadoSessionPoolOptions
        {
            MaxSessions = 1024,
            MinSessions = 0,
            MaxStreamsPerSession = int.MaxValue,
            IdleTimeout = Timeout.InfiniteTimeSpan,
            DialTimeout = Timeout.InfiniteTimeSpan,
            OpenTimeout = Timeout.InfiniteTimeSpan,
            InitialBackoff = TimeSpan.FromTicks(1),
            MaxBackoff = TimeSpan.FromDays(1),
            MaxRetries = int.MaxValue,
        };
        await using var pool = new MuxadoSessionPool(server.DialAsync, options);
        options.MaxSessions = 0;
        options.MaxStreamsPerSession = 0;

        Assert.That(await pool.ExecuteAsync(PoolServer.AskAsync), Is.True);
    }
}
