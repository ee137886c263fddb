namespace Verify.Engine.Migration;

/// <summary>What stands in a migration's stream, each after a byte that says which; all numbers are little-endian.</summary>
/// <remarks>
/// After QEMU migration/ram.c: pages go by block and number within the block, so that the two machines need not number RAM alike.
/// </remarks>
public enum MigrationRecord : byte
{
    /// <summary>A block of RAM has come or has another size: id (int), name, start (ulong), pages (long), most pages (long).</summary>
    Block = 1,

    /// <summary>A block is gone: id.</summary>
    BlockGone = 2,

    /// <summary>A page whose bytes are all zero: id, number in the block (long).</summary>
    ZeroPage = 3,

    /// <summary>A page: id, number in the block, its bytes.</summary>
    Page = 4,

    /// <summary>The end of a round; nothing follows it here.</summary>
    EndOfRound = 5,

    /// <summary>All the rest of the machine's state, and the end.</summary>
    State = 6,
}

/// <summary>A migration cannot be done; the message names the remedy.</summary>
public sealed class MigrationException(string message) : InvalidOperationException(message);

/// <summary>How a migration went.</summary>
/// <param name="Rounds">Dirty rounds after the bulk round, the last one with the vCPUs paused included.</param>
/// <param name="PagesSent">Pages sent, some more than once; zero pages included.</param>
/// <param name="ZeroPages">Of them those that were all zero, and cost a few bytes.</param>
/// <param name="LastRoundPages">Pages sent while the vCPUs were paused.</param>
/// <param name="BlocksChanged">Times a block of RAM came, went or changed its size meanwhile.</param>
/// <param name="RetiredAtStop">Instructions each vCPU had retired when it stopped here, by its place in the list of vCPUs: there it goes on.</param>
public sealed record MigrationResult(
    int Rounds, long PagesSent, long ZeroPages, long LastRoundPages, int BlocksChanged, IReadOnlyList<long> RetiredAtStop);
