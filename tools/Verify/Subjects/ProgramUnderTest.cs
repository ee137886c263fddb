namespace Verify.Cli.Subjects;

/// <summary>What a campaign explores: the same in this process and in its workers.</summary>
/// <param name="Modules">Name and version (MVID) of each rewritten assembly; a schedule holds for these only.</param>
/// <param name="Assembly">What workers load; null for the scenarios.</param>
/// <param name="Load">Loads it in this process, for <c>--workers 0</c>; told whether plain accesses are to be rewritten.</param>
internal sealed record ProgramUnderTest(IReadOnlyDictionary<string, string> Modules, AssemblySubject.Source? Assembly, Func<bool, ISubject> Load)
{
    /// <summary>The scenarios and the engine.</summary>
    internal static ProgramUnderTest Scenarios { get; } = new(ScenarioSubject.Modules, null, plain => ScenarioSubject.Load(plain));

    /// <summary>The tests of an assembly.</summary>
    internal static ProgramUnderTest Of(AssemblySubject.Source source) =>
        new(source.Set().Versions, source, plain => AssemblySubject.Load(source, plain));
}
