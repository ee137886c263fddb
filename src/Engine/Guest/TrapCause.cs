namespace Verify.Engine.Guest;

/// <summary>Exception codes of mcause and scause; bit n of medeleg delegates code n.</summary>
/// <remarks>"The RISC-V Instruction Set Manual, Volume II", table "Machine cause register values after trap".</remarks>
public enum TrapCause
{
    FetchMisaligned = 0,
    FetchAccess = 1,
    IllegalInstruction = 2,
    Breakpoint = 3,
    LoadMisaligned = 4,
    LoadAccess = 5,
    StoreMisaligned = 6,
    StoreAccess = 7,
    UserEcall = 8,
    SupervisorEcall = 9,
    MachineEcall = 11,
    FetchPageFault = 12,
    LoadPageFault = 13,
    StorePageFault = 15,
}

/// <summary>Bits of mip, mie and mideleg, by number; a larger trap code does not mean a higher priority.</summary>
public static class InterruptBit
{
    public const int SupervisorSoftware = 1;
    public const int MachineSoftware = 3;
    public const int SupervisorTimer = 5;
    public const int MachineTimer = 7;
    public const int SupervisorExternal = 9;
    public const int MachineExternal = 11;
}

/// <summary>What an access wants to do; AMOs and SC are stores.</summary>
public enum AccessKind
{
    Load,
    Store,
    Fetch,
}
