using Muxado.Fast.Bench.Fuzz;
using Muxado.Fast.Tests.Support;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Fuzzing;

/// <summary>The inputs that a fuzzer begins with, and those by which it has found something: none breaks a rule any more.</summary>
public sealed class CorpusTests
{
    [TestCaseSource(nameof(Targets))]
    public void Every_input_keeps_the_rules(string target)
    {
        foreach ((string file, byte[] input) in Inputs(target))
            Run(target, file, input);
    }

    /// <summary>The first byte decides how the others are cut and what else is left to chance.</summary>
    [TestCaseSource(nameof(Targets))]
    public void Every_input_keeps_the_rules_under_other_choices(string target)
    {
        foreach ((string file, byte[] input) in Inputs(target).Where(input => input.Bytes.Length is > 0 and < 2000))
        {
            byte own = input[0];
            for (int step = 1; step <= 10; step++)
            {
                input[0] = (byte)(own + (step * 23));
                Run(target, $"{file} with the choices of {input[0]}", input);
            }
        }
    }

    /// <summary>What runs there runs beside the input, now here and now there: a fuzzer then takes every input for a new one.</summary>
    [TestCaseSource(nameof(Targets))]
    public void An_input_leaves_nothing_to_the_thread_pool(string target)
    {
        const int Rounds = 10;
        List<(string File, byte[] Bytes)> inputs = [.. Inputs(target)];
        long before = CountWorkItems();
        for (int round = 0; round < Rounds; round++)
        {
            foreach ((string file, byte[] input) in inputs)
                Run(target, file, input);
        }

        // Some may be of timers elsewhere in the process.
        Assert.That(CountWorkItems() - before, Is.LessThan(inputs.Count));

        // All that was ever queued, but for the few that are being run.
        static long CountWorkItems() => ThreadPool.CompletedWorkItemCount + ThreadPool.PendingWorkItemCount;
    }

    private static IEnumerable<string> Targets() => FuzzTarget.All.Select(target => target.Name);

    private static IEnumerable<(string File, byte[] Bytes)> Inputs(string target)
    {
        string folder = Path.Combine(Repository.Root, "Muxado.Fast.Bench", "Fuzz", "corpus", target);
        string[] files = Directory.GetFiles(folder);
        Assert.That(files, Has.Length.GreaterThan(20), folder);
        return files.Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)));
    }

    private static void Run(string target, string what, byte[] input)
    {
        try
        {
            FuzzTarget.Find(target).Run(input);
        }
        catch (Exception failure)
        {
            Assert.Fail($"{what}: {failure}");
        }
    }
}
