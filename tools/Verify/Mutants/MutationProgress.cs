using System.Text.Json;
using System.Text.Json.Serialization;
using Verify.Rewriter.Mutation;

namespace Verify.Cli.Mutants;

/// <summary>What has been decided, in a file to resume from: mutants.json.</summary>
/// <param name="Format">Version of the file.</param>
/// <param name="Plan">What was spent on a defect.</param>
/// <param name="Modules">The build that decided, as in <see cref="MutationBuild"/>.</param>
/// <param name="Results">In no order.</param>
internal sealed record MutationProgress(
    string Format, MutationPlan Plan, IReadOnlyDictionary<string, string> Modules, IReadOnlyList<MutantResult> Results)
{
    private const string Current = "verify-mutants-2";

    private static readonly JsonSerializerOptions s_json = new(Output.Json.Options)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        Converters = { new JsonStringEnumConverter() },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Writes the file; the old one stays whole until the new one is.</summary>
    internal static void Save(string path, MutationPlan plan, IReadOnlyList<MutantResult> results)
    {
        File.WriteAllText(path + ".tmp", JsonSerializer.Serialize(new MutationProgress(Current, plan, MutationBuild.Current, results), s_json) + "\n");
        File.Move(path + ".tmp", path, overwrite: true);
    }

    /// <summary>Reads the file of an earlier run to go on from.</summary>
    /// <param name="path">The file.</param>
    /// <param name="plan">Of this run; that of the file must be the same.</param>
    /// <param name="sites">Places to decide.</param>
    /// <param name="carry">
    /// Take results of another build too, for places whose methods are the same: they are marked, for another method or a scenario may have changed.
    /// </param>
    /// <exception cref="InputException">There is none, it is of another plan, or of another build.</exception>
    internal static IEnumerable<MutantResult> Load(string path, MutationPlan plan, IReadOnlyList<MutationSite> sites, bool carry)
    {
        if (!File.Exists(path))
        {
            throw new InputException($"no progress file at '{path}'; leave --resume out to begin");
        }

        MutationProgress progress = Read(path)
            ?? throw new InputException($"'{path}' is no progress file of `verify mutate`, or was damaged; leave --resume out to begin anew");
        if (progress.Plan != plan)
        {
            throw new InputException($"'{path}' is of other options ({progress.Plan}); give the same, or leave --resume out to begin anew");
        }

        IReadOnlyList<string> different = MutationBuild.DifferentIn(progress.Modules);
        if (different.Count > 0 && !carry)
        {
            throw new InputException(
                $"'{path}' was made by another build ({string.Join(", ", different)} differ): leave --resume out to begin anew, with what it says as hints; "
                + "--carry keeps what it says of methods that are the same, and the table tells so");
        }

        // A file from elsewhere, or from before an edit that moved lines: the place as it is now, if it is the same.
        return progress.Results.Join(
            sites, r => (r.Site.Mutation, r.Site.Body), s => (s.Mutation, s.Body), (r, s) => r with { Site = s, IsCarried = r.IsCarried || different.Count > 0 });
    }

    /// <summary>What an earlier run killed, whatever its build and options. They are hints, which decide nothing.</summary>
    /// <exception cref="InputException">The file is named by the user and cannot be used.</exception>
    internal static IReadOnlyList<MutantResult> Hints(string path, bool mustExist)
    {
        if (!File.Exists(path))
        {
            return mustExist ? throw new InputException($"no progress file at '{path}'; name the mutants.json of an earlier run") : [];
        }

        return Read(path) is { } progress ? progress.Results
            : mustExist ? throw new InputException($"'{path}' is no progress file of `verify mutate`, or was damaged; name the mutants.json of an earlier run")
            : [];
    }

    private static MutationProgress? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<MutationProgress>(File.ReadAllText(path), s_json) is { Format: Current } progress ? progress : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
