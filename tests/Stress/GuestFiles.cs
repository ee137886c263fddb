using Verify.Engine.Guest;

namespace Verify.Tests.Stress;

/// <summary>The guests of guests/bin.</summary>
internal static class GuestFiles
{
    public static GuestImage Load(string name) => ElfLoader.ReadFile(PathOf(name));

    public static string PathOf(string name) => Path.Combine(Repository.Folder, "guests", "bin", name + ".elf");
}
