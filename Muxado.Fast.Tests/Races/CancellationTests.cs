using System.Reflection;
using Muxado.Fast.AspNetCore;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Races;

/// <summary>
/// Every wait of the public API is called off, before, within and at its end: it has succeeded, or says that its token was cancelled, and nothing is
/// lost either way.
/// </summary>
[Category("Concurrency")]
[NothingUnobserved]
public sealed class CancellationTests
{
    private static IEnumerable<string> Members => AwaitPoint.All.Select(point => point.Member);

    private static IEnumerable<string> Waiting => AwaitPoint.All.Where(point => point.Waits).Select(point => point.Member);

    [Test]
    public void Every_public_method_that_takes_a_token_is_here()
    {
        // What an extension overrides is called by the library: its token is the session's own.
        var methods = new[] { typeof(MuxadoSession).Assembly, typeof(MuxadoEndPoint).Assembly }
            .SelectMany(assembly => assembly.GetExportedTypes())
            .Where(type => type != typeof(MuxadoExtension) && !typeof(Delegate).IsAssignableFrom(type))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(CancellationToken)))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}");

        Assert.That(methods, Is.SubsetOf(AwaitPoint.All.Select(point => point.Method)));
    }

    [TestCaseSource(nameof(Members))]
    [CancelAfter(60_000)]
    public async Task A_token_that_is_cancelled_before_ends_it_at_once(string member, CancellationToken cancellationToken)
    {
        var scene = Create(member);
        await scene.PrepareAsync().WaitAsync(cancellationToken);
        var token = new CancellationToken(canceled: true);

        Assert.That(await IsCancelledAsync(Start(scene, token), token), Is.True);
        await scene.VerifyAsync(succeeded: false, isComplete: false).WaitAsync(cancellationToken);
        await scene.EndAsync().WaitAsync(cancellationToken);
    }

    [TestCaseSource(nameof(Waiting))]
    [CancelAfter(60_000)]
    public async Task A_token_that_is_cancelled_meanwhile_ends_it_at_once(string member, CancellationToken cancellationToken)
    {
        var scene = Create(member);
        for (var i = 0; i < 3; i++)
        {
            await scene.PrepareAsync().WaitAsync(cancellationToken);
            using var cancellation = new CancellationTokenSource();
            var waiting = Start(scene, cancellation.Token);
            await Task.WhenAny(waiting, Task.Delay(20, cancellationToken));
            Assert.That(waiting.IsCompleted, Is.False, "nothing has ended the wait");

            await cancellation.CancelAsync();

            Assert.That(await IsCancelledAsync(waiting, cancellation.Token), Is.True);
            await scene.VerifyAsync(succeeded: false, isComplete: false).WaitAsync(cancellationToken);
        }

        await scene.EndAsync().WaitAsync(cancellationToken);
    }

    [TestCaseSource(nameof(Waiting))]
    [CancelAfter(120_000)]
    public Task A_token_that_is_cancelled_as_it_ends_leaves_one_result(string member, CancellationToken cancellationToken) =>
        RaceAsync(member, startsInRace: false, cancellationToken);

    [TestCaseSource(nameof(Waiting))]
    [CancelAfter(120_000)]
    public Task A_token_that_is_cancelled_as_it_begins_and_ends_leaves_one_result(string member, CancellationToken cancellationToken) =>
        RaceAsync(member, startsInRace: true, cancellationToken);

    private static async Task RaceAsync(string member, bool startsInRace, CancellationToken cancellationToken)
    {
        using var threads = new RacingThreads(startsInRace ? 3 : 2, TestContext.CurrentContext.Random.Next());
        var scene = Create(member);
        var races = RaceCount.Of(AwaitPoint.All.Single(point => point.Member == member).Races);
        var cancelled = 0;
        for (var race = 0; race < races; race++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await scene.PrepareAsync().WaitAsync(cancellationToken);
            using var cancellation = new CancellationTokenSource();
            var waiting = startsInRace ? Task.CompletedTask : Start(scene, cancellation.Token);
            if (startsInRace)
                threads.Run(cancellation.Cancel, scene.Complete, () => waiting = Start(scene, cancellation.Token));
            else
                threads.Run(cancellation.Cancel, scene.Complete);

            var isCancelled = await IsCancelledAsync(waiting, cancellation.Token);
            await scene.VerifyAsync(!isCancelled, isComplete: true).WaitAsync(cancellationToken);
            cancelled += isCancelled ? 1 : 0;
        }

        await scene.EndAsync().WaitAsync(cancellationToken);
        TestContext.Out.WriteLine($"{cancelled} of {races} were cancelled");
    }

    private static AwaitScene Create(string member) => AwaitPoint.All.Single(point => point.Member == member).CreateScene();

    /// <summary>What is thrown at the call is a result too.</summary>
    private static Task Start(AwaitScene scene, CancellationToken token)
    {
        try
        {
            return scene.StartAsync(token);
        }
        catch (Exception failure)
        {
            return Task.FromException(failure);
        }
    }

    /// <summary>Whether the wait was cancelled, or else has succeeded. There is no third.</summary>
    private static async Task<bool> IsCancelledAsync(Task waiting, CancellationToken token)
    {
        try
        {
            await waiting.Soon("the wait that was called off");
            return false;
        }
        catch (OperationCanceledException cancelled)
        {
            Assert.That(cancelled.CancellationToken, Is.EqualTo(token), "another token than the caller's");
            return true;
        }
    }
}
