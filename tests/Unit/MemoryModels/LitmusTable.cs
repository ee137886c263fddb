using Verify.Checker.MemoryModels;
using Verify.Checker.MemoryModels.Litmus;

namespace Verify.Tests.Unit.MemoryModels;

/// <summary>The repository's litmus table, read from its source.</summary>
internal static class LitmusTable
{
    internal static IReadOnlyList<LitmusTest> Tests { get; } = LitmusParser.ParseFile(Path.Combine(Repository.Folder, "litmus", "litmus.json"));

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
}
