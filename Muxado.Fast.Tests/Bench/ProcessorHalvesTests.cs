using System.Diagnostics;
using Muxado.Fast.Bench.Compare;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench;

/// <summary>Processes on processors of their own.</summary>
public sealed class ProcessorHalvesTests
{
    [TestCase(new ulong[] { 0b11 }, new ulong[] { 0b01 }, new ulong[] { 0b10 })]
    [TestCase(new ulong[] { 0b1011_0100 }, new ulong[] { 0b0001_0100 }, new ulong[] { 0b1010_0000 })]
    [TestCase(new ulong[] { 1UL << 63, 0b110 }, new ulong[] { 1UL << 63, 0 }, new ulong[] { 0, 0b110 })]
    public void The_allowed_processors_are_halved(ulong[] allowed, ulong[] first, ulong[] second)
    {
        var halves = ProcessorHalves.Split(allowed);
        Assert.That(halves.First, Is.EqualTo(first));
        Assert.That(halves.Second, Is.EqualTo(second));
    }

    [Test]
    public void Two_processes_share_no_processor_until_it_ends()
    {
        if (!ProcessorHalves.AreAvailable)
        {
            // Without Linux, or with one processor, it does nothing, not even look whether there are such processes.
            Assert.That(() => new ProcessorHalves(int.MaxValue, int.MaxValue).Dispose(), Throws.Nothing);
            return;
        }

        using var first = Process.Start("sleep", "60");
        using var second = Process.Start("sleep", "60");
        try
        {
            var before = (AllowedTo(first), AllowedTo(second));
            using (new ProcessorHalves(first.Id, second.Id))
                Assert.That(AllowedTo(first).Split(',', '-'), Is.Not.Empty.And.None.AnyOf(AllowedTo(second).Split(',', '-')));
            Assert.That((AllowedTo(first), AllowedTo(second)), Is.EqualTo(before));
        }
        finally
        {
            first.Kill();
            second.Kill();
        }
    }

    private static string AllowedTo(Process process) =>
        File.ReadLines($"/proc/{process.Id}/status").Single(line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split(':')[1].Trim();
}
