using System.Reflection;
using System.Text.Json;
using Verify.Rewriter.Mutation;

namespace Verify.Cli.Mutants;

/// <summary>A place whose defect no scenario kills, with the reason why that is known and accepted.</summary>
/// <param name="Operator">As in <see cref="Mutation.Operator"/>.</param>
/// <param name="Method">As in <see cref="Mutation.Method"/>.</param>
/// <param name="What">As in <see cref="MutationSite.What"/>; all such places of the method are meant.</param>
/// <param name="Class">Why it survives: one of <see cref="SurvivorList.Classes"/>.</param>
/// <param name="Reason">In a sentence.</param>
internal sealed record Survivor(string Operator, string Method, string What, string Class, string Reason)
{
    internal bool Is(MutationSite site) => site.Mutation.Operator == Operator && site.Mutation.Method == Method && site.What == What;
}

/// <summary>The checked-in list of accepted survivors, survivors.json beside this file.</summary>
internal static class SurvivorList
{
    /// <summary>What a survivor can be, by name, with what that means.</summary>
    internal static IReadOnlyDictionary<string, string> Classes { get; } = new Dictionary<string, string>
    {
        ["redundant-barrier"] = "another ordered access does what this one is for; it stays for clarity or because QEMU has it",
        ["equivalent"] = "the program behaves the same: one thread uses it, or another lock or check covers it",
        ["opaque-collection"] = "what is protected is a collection of the framework, whose methods are single steps under control and no data races",
        ["missing-scenario"] = "a defect that the scenarios cannot see yet",
        [NotReached] = "no sound variant goes there",
    };

    internal const string NotReached = "not-reached";

    internal static IReadOnlyList<Survivor> All { get; } = Read();

    internal static Survivor? Of(MutationSite site) => All.FirstOrDefault(s => s.Is(site));

    private static IReadOnlyList<Survivor> Read()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("survivors.json")!;
        return JsonSerializer.Deserialize<Survivor[]>(stream, JsonSerializerOptions.Web)!;
    }
}
