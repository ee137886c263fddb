using Verify.Engine.Guest;

namespace Verify.Tests.Stress;

/// <summary>The guests of guests/bin.</summary>
internal static class GuestFiles
{
    public static GuestImage Load(string name) => ElfLoader.ReadFile(PathOf(name));

    public static string PathOf(string name)
    {
        string? at = AppContext.BaseDirectory;
        while (at != null && !File.Exists(Path.Combine(at, "Verify.sln")))
        {
            at = Path.GetDirectoryName(at);
        }

        return Path.Combine(at!, "guests", "bin", name + ".elf");
    }
}
