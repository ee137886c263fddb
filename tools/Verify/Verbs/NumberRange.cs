using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace Verify.Cli.Verbs;

/// <summary>Bounds of a number on the command line.</summary>
internal static class NumberRange
{
    /// <summary>Refuses values outside the bounds. What is no number at all the parser refuses by itself.</summary>
    internal static void Within<T>(this Option<T> option, T least, T most)
        where T : struct, INumber<T>, IMinMaxValue<T> =>
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && T.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out T value)
                && (value < least || value > most))
            {
                result.AddError(most == T.MaxValue ? $"{option.Name} must be at least {least}." : $"{option.Name} must be from {least} to {most}.");
            }
        });
}
