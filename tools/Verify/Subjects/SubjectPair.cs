namespace Verify.Cli.Subjects;

/// <summary>A program rewritten with and without its plain accesses, each when it is first needed: what sequential consistency needs is faster.</summary>
/// <param name="load">Rewrites and loads it; told whether plain accesses are to be rewritten.</param>
internal sealed class SubjectPair(Func<bool, ISubject> load)
{
    private readonly ISubject?[] _loaded = new ISubject?[2];

    /// <summary>The body of one execution of a test.</summary>
    internal Action Body(string cell, bool plainAccesses) => Subject(plainAccesses).Body(cell);

    /// <summary>Paths of what is rewritten.</summary>
    internal IReadOnlyList<string> Assemblies(bool plainAccesses) => Subject(plainAccesses).Assemblies;

    private ISubject Subject(bool plainAccesses) => _loaded[plainAccesses ? 1 : 0] ??= load(plainAccesses);
}
