namespace Verify.Engine.Guest;

/// <summary>Privilege modes, with the encoding of mstatus.MPP.</summary>
public enum Privilege : byte
{
    User = 0,
    Supervisor = 1,
    Machine = 3,
}
