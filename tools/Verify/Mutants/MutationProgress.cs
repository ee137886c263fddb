using System.Text.Json;
using System.Text.Json.Serialization;
using Verify.Rewriter.Mutation;

namespace Verify.Cli.Mutants;

/// <summary>What has been decided, in a file to resume from: mutants.json.</summary>
internal sealed record MutationProgress(string Format, MutationPlan Plan, IReadOnlyList<MutantResult> Results)
{
    private const string Current = "verify-mutants-1";

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
        File.WriteAllText(path + ".tmp", JsonSerializer.Serialize(new MutationProgress(Current, plan, results), s_json) + "\n");
        File.Move(path + ".tmp", path, overwrite: true);
    }

    /// <summary>Reads the file of an earlier run with the same plan: what it says of places whose methods have not changed since.</summary>
    /// <exception cref="InputException">There is none, or it is of another plan.</exception>
    internal static IEnumerable<MutantResult> Load(string path, MutationPlan plan, IReadOnlyList<MutationSite> sites)
    {
        if (!File.Exists(path))
        {
            throw new InputException($"no progress file at '{path}'; leave --resume out to begin");
        }

        MutationProgress? progress;
        try
        {
            progress = JsonSerializer.Deserialize<MutationProgress>(File.ReadAllText(path), s_json);
        }
        catch (JsonException)
        {
            progress = null;
        }

        if (progress is not { Format: Current })
        {
            throw new InputException($"'{path}' is no progress file of `verify mutate`, or was damaged; leave --resume out to begin anew");
        }

        if (progress.Plan != plan)
        {
            throw new InputException($"'{path}' is of other options ({progress.Plan}); give the same, or leave --resume out to begin anew");
        }

        // A file from elsewhere, or from before an edit that moved lines: the place as it is now, if it is the same.
        return progress.Results.Join(sites, r => (r.Site.Mutation, r.Site.Body), s => (s.Mutation, s.Body), (r, s) => r with { Site = s });
    }
}
