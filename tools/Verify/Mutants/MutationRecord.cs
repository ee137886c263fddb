using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Verify.Cli.Mutants;

/// <summary>What the last run over all places found, as docs/mutation.md says.</summary>
/// <param name="Places">Defects tried.</param>
/// <param name="Killed">A scenario failed.</param>
/// <param name="Survived">Those that reach the place stayed clean.</param>
/// <param name="NotReached">No scenario goes there.</param>
/// <param name="Classified">Survivors whose reason is on the list.</param>
internal sealed partial record MutationRecord(int Places, int Killed, int Survived, int NotReached, int Classified)
{
    /// <summary>Of the page this build was made with.</summary>
    internal static MutationRecord Last { get; } = Read();

    public override string ToString() => $"{Killed} of {Places} killed, {Survived} survived, "
        + $"{(Classified == Survived ? "each" : $"{Classified}")} with a reason, {NotReached} not reached by any scenario";

    private static MutationRecord Read()
    {
        using var page = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("mutation.md")!);
        Match said = Summary().Match(page.ReadToEnd());
        int Number(int group) => int.Parse(said.Groups[group].Value, CultureInfo.InvariantCulture);
        return new MutationRecord(Number(1), Number(2), Number(3), Number(4), Number(5));
    }

    // As MutationReport writes it.
    [GeneratedRegex(@"(\d+) defects: (\d+) killed, (\d+) survived, (\d+) not reached by any scenario, \d+ invalid\. Of those that survived (\d+) are classified")]
    private static partial Regex Summary();
}
