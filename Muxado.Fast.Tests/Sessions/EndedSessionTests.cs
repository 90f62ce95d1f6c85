using System.Runtime.CompilerServices;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Sessions;

public sealed class EndedSessionTests
{
    /// <summary>Cores, operations and buffers are pooled for the whole process. What lies in a pool must not hold on to whom it served.</summary>
    [Test]
    public async Task A_session_that_has_ended_is_kept_alive_by_no_pool([Values(TransportKind.Memory, TransportKind.Tcp, TransportKind.Tls)] TransportKind kind)
    {
        var sessions = await UseAsync(kind);

        await AssertCollectedAsync(sessions);
    }

    /// <summary>A session remembers cores of streams that it had, which have gone on to others since.</summary>
    [Test]
    public async Task A_session_that_has_ended_is_kept_alive_by_no_other_session()
    {
        await using var lasting = await SessionPair.ConnectAsync(TransportKind.Memory);
        var sessions = new List<WeakReference>();
        for (var round = 0; round < 8; round++)
        {
            await UseWithDeadlinesAsync(lasting);
            sessions.AddRange(await UseAsync(TransportKind.Memory));
        }

        await AssertCollectedAsync(sessions);
        await UseWithDeadlinesAsync(lasting);
    }

    private static async Task UseWithDeadlinesAsync(SessionPair pair)
    {
        for (var i = 0; i < 8; i++)
        {
            var (opened, accepted) = await pair.OpenAsync();
            opened.ReadDeadline = accepted.ReadDeadline = DateTimeOffset.UtcNow.AddHours(1);
            opened.CompleteWrites();
            accepted.CompleteWrites();
            await accepted.DisposeAsync();
            Assert.That(await Pattern.DrainAsync(opened), Is.Zero);
            await opened.DisposeAsync();
        }
    }

    private static Task AssertCollectedAsync(List<WeakReference> sessions) =>
        Timing.Until(
            () =>
            {
                GC.Collect();
                return !sessions.Exists(session => session.IsAlive);
            },
            "the collector has taken all sessions");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<List<WeakReference>> UseAsync(TransportKind kind)
    {
        await using var pair = await SessionPair.ConnectAsync(kind);
        for (var i = 0; i < 8; i++)
        {
            var (opened, accepted) = await pair.OpenAsync();
            await opened.WriteAsync(Pattern.Bytes(10_000), completeWrites: true).Soon();
            Assert.That(await Pattern.VerifyToEndAsync(accepted), Is.EqualTo(10_000));
        }

        return [new WeakReference(pair.Client), new WeakReference(pair.Server)];
    }
}
