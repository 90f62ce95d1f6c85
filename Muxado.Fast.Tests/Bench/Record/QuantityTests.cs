using Muxado.Fast.Bench.Record;
using NUnit.Framework;

namespace Muxado.Fast.Tests.Bench.Record;

/// <summary>Numbers in a record: rounded, with separators, with the unit that the metric's name tells.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class QuantityTests
{
    [TestCase(0, "0")]
    [TestCase(0.12345, "0.123")]
    [TestCase(9.876, "9.88")]
    [TestCase(37.91, "37.9")]
    [TestCase(583_211.4, "583,211")]
    [TestCase(-1234, "-1,234")]
    public void Numbers_have_what_digits_a_reader_can_use(double value, string text) =>
        Assert.That(Quantity.Number(value), Is.EqualTo(text));

    [TestCase(0.984, "0.98x")]
    [TestCase(1.149, "1.15x")]
    [TestCase(31.92, "31.9x")]
    public void Ratios_keep_the_digits_that_targets_differ_in(double value, string text) =>
        Assert.That(Quantity.Ratio(value), Is.EqualTo(text));

    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NaN)]
    [TestCase(null)]
    public void What_is_not_known_is_a_dash(double? value) => Assert.That(Quantity.Us(value), Is.EqualTo("-"));

    [TestCase("opsPerSecond", 1234, "1,234/s")]
    [TestCase("mbPerSecond", 2546, "2,546 MB/s")]
    [TestCase("p99Us", 57.7, "57.7 us")]
    [TestCase("cpuUsPerOperation", 3.21, "3.21 us")]
    [TestCase("bytesPerIdleStream", 241, "241 B")]
    [TestCase("heapBytesOf1000IdleStreams", 241_000, "241,000 B")]
    [TestCase("bulkAloneMbPerSecond", 812, "812 MB/s")]
    [TestCase("jainFairness", 0.998, "0.998")]
    [TestCase("opsPerSecond", null, "-")]
    public void A_metric_has_its_unit(string metric, double? value, string text) =>
        Assert.That(Metric.Describe(metric, value), Is.EqualTo(text));

    [TestCase(">= 30", 30, true)]
    [TestCase(">= 1,000,000", 1_000_000, true)]
    [TestCase("<= 1.15", 1.15, false)]
    public void A_bound_is_read_from_its_words(string wanted, double value, bool atLeast)
    {
        var target = RecordedFigures.Create().Targets[0] with { Wanted = wanted };

        Assert.That(Bound.Of(target), Is.EqualTo(new Bound(value, atLeast)));
    }

    [TestCase("about 3")]
    [TestCase(">= many")]
    public void A_bound_in_other_words_is_none(string wanted)
    {
        var target = RecordedFigures.Create().Targets[0] with { Wanted = wanted };

        Assert.That(Bound.Of(target), Is.Null);
    }

    [TestCase("0.1.0+" + RecordedFigures.Commit, "0123456")]
    [TestCase("0.1.0", "unknown")]
    [TestCase("0.1.0+not-a-commit", "unknown")]
    public void A_record_is_named_by_date_and_commit(string version, string commit)
    {
        var figures = RecordedFigures.Create() with { Commit = version };

        Assert.That(RunLine.FolderName(figures), Is.EqualTo($"2026-03-04-{commit}"));
    }

    [Test]
    public void The_summary_counts_bounds_and_names_what_was_not_measured()
    {
        Assert.That(TargetMarkdown.Summary(RecordedFigures.Create()), Is.EqualTo(
            "1 of 2 targets were met; missed, in whole or in part: P1. Not measured in this run, in whole or in part: P7."));
    }

    [Test]
    public void A_target_that_was_not_measured_has_no_row()
    {
        var figures = RecordedFigures.Create();

        Assert.That(TargetMarkdown.Create(figures), Does.Contain("| P2 |").And.Not.Contain("P7"));
    }
}
