using Verify.Engine.Guest;

namespace Verify.Scenarios;

/// <summary>Reads guest programs that are embedded in this assembly.</summary>
internal static class GuestResource
{
    /// <param name="name">File name in guests/bin.</param>
    public static GuestImage Read(string name)
    {
        using Stream stream = typeof(GuestResource).Assembly.GetManifestResourceStream("guests/" + name)
            ?? throw new InvalidOperationException($"guest program {name} is not embedded: add it to Scenarios.csproj");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return ElfLoader.Read(bytes, name);
    }
}
