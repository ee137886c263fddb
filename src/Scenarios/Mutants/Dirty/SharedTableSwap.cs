using Verify.Engine.Dirty;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant of <see cref="SeparateTables"/>: one place for the table, which every operation overwrites as it begins (DM18).</summary>
public readonly struct SharedTableSwap : ILogDirtyTables
{
    public void Begin(ref LogDirtyTable? installed, LogDirtyTable wanted) => installed = wanted; // the wrong line: others may be in an operation

    public LogDirtyTable Use(ref LogDirtyTable? installed, LogDirtyTable wanted) => installed!;
}
