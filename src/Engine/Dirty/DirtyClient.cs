namespace Verify.Engine.Dirty;

/// <summary>Who wants to know about writes; the index of its bitmap (QEMU DIRTY_MEMORY_VGA, _CODE, _MIGRATION).</summary>
public enum DirtyClient
{
    Display = 0,

    /// <summary>Set means "known not to be code, no self-modification check needed".</summary>
    Code = 1,

    Migration = 2,
}

/// <summary>A set of clients, one bit each.</summary>
[Flags]
public enum DirtyClients : byte
{
    None = 0,
    Display = 1 << DirtyClient.Display,
    Code = 1 << DirtyClient.Code,
    Migration = 1 << DirtyClient.Migration,

    /// <summary>What a log that knows nothing of translated code feeds (QEMU DIRTY_CLIENTS_NOCODE).</summary>
    NoCode = Display | Migration,

    All = Display | Code | Migration,
}

/// <summary>Counting and membership.</summary>
public static class DirtyClientSets
{
    /// <summary>Number of clients.</summary>
    public const int Count = 3;

    public static DirtyClients ToSet(this DirtyClient client) => (DirtyClients)(1 << (int)client);

    public static bool Includes(this DirtyClients clients, DirtyClient client) => ((int)clients >> (int)client & 1) != 0;
}
