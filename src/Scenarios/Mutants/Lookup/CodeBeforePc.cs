using Verify.Engine.Invalidation;
using Verify.Engine.Protocol;
using Verify.Engine.Translation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Mutants.Lookup;

/// <summary>Pc and code are two words of an entry, and the code is written first.</summary>
/// <remarks>Races.md TB11, scenario 15, "tb before pc".</remarks>
public readonly struct CodeBeforePc : IProtocol
{
    public static InvalidationEntry Entry { get; } = InvalidationCatalog.Find("exclusive-flush").With<CodeBeforePc>(
        "code-before-pc", "between the two stores the entry shows the code under the pc it had before (TB11)");

    public static TbCode? FindInJumpCache(TbJumpCache cache, ulong pc) => PcBesideCode.Find(cache, pc);

    public static void PutIntoJumpCache(TbJumpCache cache, TbCode code)
    {
        cache.Set(code); // the wrong line: it comes last
        Volatile.Write(ref cache.PcBeside(code.Pc), code.Pc);
    }

    public static (ulong Pc, TbCode Code)? ReadJumpCache(TbJumpCache cache, ulong pc) => PcBesideCode.Read(cache, pc);
}
