using System.Globalization;
using Muxado.Fast.Bench.Rivals;
using Spectre.Console;

namespace Muxado.Fast.Bench.Compare;

/// <summary>System calls per operation, of the cells where they were counted.</summary>
internal static class SystemCallTable
{
    private const int MostNames = 5;

    public static Table Create(IEnumerable<SystemCalls> counts)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("System calls per operation, in a traced run of their own")
            .AddColumn("workload")
            .AddColumn("over")
            .AddColumn(new TableColumn("client").RightAligned())
            .AddColumn(new TableColumn("server").RightAligned())
            .AddColumn("of both, the most frequent");
        foreach (var count in counts)
        {
            table.AddRow(
                Markup.Escape(Workload.Get(count.Workload).Title),
                Markup.Escape(ArmCatalog.TitleOf(count.Arm)),
                Invariant($"{count.ClientPerOperation:N2}"),
                Invariant($"{count.ServerPerOperation:N2}"),
                Markup.Escape(string.Join(", ", count.PerOperationByName.Take(MostNames).Select(call => Invariant($"{call.Key} {call.Value:N2}")))));
        }

        return table;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
