using System.Text.Encodings.Web;
using System.Text.Json;

namespace Verify.Cli.Output;

/// <summary>How <c>--json</c> output looks.</summary>
internal static class Json
{
    internal static JsonSerializerOptions Options { get; } = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
