using System.Text.Json;
using System.Text.Json.Serialization;

namespace Verify.Checker.Runtime;

/// <summary>Memory options in JSON are the words of <see cref="MemoryOptionsText"/>.</summary>
internal sealed class MemoryOptionsJson : JsonConverter<MemoryOptions>
{
    public override MemoryOptions Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        MemoryOptionsText.TryParse(reader.GetString() ?? "", out MemoryOptions? memory)
            ? memory
            : throw new JsonException("memory options that this version does not know");

    public override void Write(Utf8JsonWriter writer, MemoryOptions value, JsonSerializerOptions options) =>
        writer.WriteStringValue(MemoryOptionsText.Format(value));
}
