namespace Verify.Tests;

/// <summary>The clone that the tests lie in; compiled into each test project.</summary>
internal static class Repository
{
    /// <summary>The folder of Verify.sln, found from the folder of the tests.</summary>
    internal static string Folder { get; } = Find();

    private static string Find()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Verify.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests are not below Verify.sln; run them from a clone");
        }

        return folder;
    }
}
