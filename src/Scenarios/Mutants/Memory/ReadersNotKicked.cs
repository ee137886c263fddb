using Verify.Engine.Protocol;
using Verify.Engine.Rcu;

namespace Verify.Scenarios.Mutants.Memory;

/// <summary>Mutant: a block is cut off and its readers are waited for, but not asked to come out.</summary>
public readonly struct ReadersNotKicked : IProtocol
{
    public static void AwaitReaders(RcuDomain<SymmetricRcu> rcu) => rcu.Synchronize(); // the wrong line
}
