using Verify.Engine.Protocol;

namespace Verify.Scenarios.Mutants.Dirty;

/// <summary>Mutant: a block of RAM can be found before dirty memory has grown.</summary>
public readonly struct ListBeforeExtend : IProtocol
{
    public static void AddBlock(Action extend, Action publish, Action markDirty)
    {
        publish(); // the wrong line: it belongs after the next
        extend();
        markDirty();
    }
}
