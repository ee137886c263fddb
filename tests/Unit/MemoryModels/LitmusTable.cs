using Verify.Checker.MemoryModels;
using Verify.Checker.MemoryModels.Litmus;

namespace Verify.Tests.Unit.MemoryModels;

/// <summary>The repository's litmus table, read from its source.</summary>
internal static class LitmusTable
{
    internal static IReadOnlyList<LitmusTest> Tests { get; } = LitmusParser.ParseFile(Path.Combine(RepositoryRoot(), "litmus", "litmus.json"));

    internal static TheoryData<string> Names => [.. Tests.Select(t => t.Name)];

    internal static TheoryData<string, string> NamesAndModels
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (LitmusTest test in Tests)
            {
                foreach (MemoryModel model in MemoryModel.All)
                    data.Add(test.Name, model.Name);
            }

            return data;
        }
    }

    internal static LitmusTest Find(string name) => Tests.Single(t => t.Name == name);

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder != null && !File.Exists(Path.Combine(folder, "Verify.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests run outside the repository; run them from a clone.");
    }
}
