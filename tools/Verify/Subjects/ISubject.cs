namespace Verify.Cli.Subjects;

/// <summary>A rewritten program whose tests can be explored.</summary>
internal interface ISubject
{
    /// <summary>The body of one execution of a test.</summary>
    /// <param name="cell">As in the campaign's plan.</param>
    Action Body(string cell);

    /// <summary>Paths of what is rewritten, where its symbols and so its sources are found.</summary>
    IReadOnlyList<string> Assemblies { get; }
}
