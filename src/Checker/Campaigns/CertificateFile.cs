using System.Text.Encodings.Web;
using System.Text.Json;

namespace Verify.Checker.Campaigns;

/// <summary>A certificate file cannot be used. The message says why and what to do.</summary>
public sealed class CertificateFormatException(string message) : Exception(message);

/// <summary>Certificates as files, one a search, beside the schedule files of what failed.</summary>
public static class CertificateFile
{
    /// <summary>How the names of the files end.</summary>
    public const string Extension = ".certificate.json";

    private const string Format = "verify-certificate";
    private const int Version = 1;

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private sealed record Document(string Format, int Version, Certificate Certificate);

    /// <summary>Name of the file for a search of a cell.</summary>
    public static string Name(string cell, string strategy) =>
        CampaignFile.ScheduleName(cell).Replace(".schedule.json", $".{strategy}{Extension}", StringComparison.Ordinal);

    /// <summary>Writes the certificates there are into a folder, and removes those of an earlier campaign that no longer hold.</summary>
    /// <returns>What was written: the certificates and the names of their files.</returns>
    public static IReadOnlyList<(Certificate Certificate, string Name)> SaveAll(CampaignState state, string folder)
    {
        ArgumentNullException.ThrowIfNull(state);
        var written = new List<(Certificate, string)>();
        foreach (CellStatus status in state.Statuses())
        {
            foreach (string strategy in state.Plan.Strategies)
            {
                string name = Name(status.Cell.Name, strategy);
                string path = Path.Combine(folder, name);
                if (status.Certificates.FirstOrDefault(c => c.Strategy == strategy) is { } certificate)
                {
                    File.WriteAllText(path, JsonSerializer.Serialize(new Document(Format, Version, certificate), s_json) + "\n");
                    written.Add((certificate, name));
                }
                else if (Directory.Exists(folder))
                {
                    File.Delete(path);
                }
            }
        }

        return written;
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="CertificateFormatException">It is missing, damaged, of another version, or contradicts itself.</exception>
    public static Certificate Load(string path)
    {
        Document document;
        try
        {
            document = JsonSerializer.Deserialize<Document>(File.ReadAllText(path), s_json) ?? throw new JsonException();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CertificateFormatException($"no certificate at '{path}'; `verify check --explore dpor` writes them into its output folder");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CertificateFormatException($"cannot read '{path}': {e.Message}");
        }
        catch (JsonException)
        {
            throw new CertificateFormatException($"'{path}' is not a certificate, or was damaged; run the search again");
        }

        Require(document.Format == Format, path, "it is not a Verify certificate");
        Require(document.Version == Version, path, $"it has format version {document.Version} and this verify reads version {Version}");
        Certificate certificate = document.Certificate;
        Require(
            Exploration.StrategyCatalog.Find(certificate.Strategy) is { Splits: not Exploration.StrategyCatalog.Splitting.BySeed },
            path,
            $"'{certificate.Strategy}' is not a search that can be complete");
        Require(
            certificate is { Executions: > 0, Blocked: >= 0, States: >= 0, MaxSteps: > 0 } && certificate.Classes is null or > 0
                && !(certificate.Classes > certificate.Executions),
            path,
            "its counts contradict each other");
        return certificate;
    }

    private static void Require(bool condition, string path, string problem)
    {
        if (!condition)
        {
            throw new CertificateFormatException($"'{path}' cannot be used: {problem}; run the search again");
        }
    }
}
