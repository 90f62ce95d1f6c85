using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Muxado.Fast.Bench.Cli;

/// <summary>An option that takes a number within bounds; null when it is not given.</summary>
internal static class NumberOption
{
    public static Option<T?> Create<T>(string name, string unit, T least, T most, string description)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = unit,
            CustomParser = argument =>
            {
                var text = argument.Tokens[0].Value;
                if (T.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
                    return value;
                argument.AddError($"{name} '{text}' is not a number from {least} to {most}.");
                return null;
            },
        };
}
