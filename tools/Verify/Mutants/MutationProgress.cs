using System.Text.Json;
using System.Text.Json.Serialization;

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

    /// <summary>Reads the file of an earlier run with the same plan.</summary>
    /// <exception cref="InputException">There is none, or it is of another plan or of another engine.</exception>
    internal static IReadOnlyList<MutantResult> Load(string path, MutationPlan plan)
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

        return progress.Plan == plan ? progress.Results : throw new InputException(
            $"'{path}' is of {(progress.Plan.Engine == plan.Engine ? "other options" : "another build of the engine")}; leave --resume out to begin anew");
    }
}
