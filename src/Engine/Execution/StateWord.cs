namespace Verify.Engine.Execution;

/// <summary>Words behind the registers of a vCPU, in the same pinned memory, so that generated code reaches them from one base.</summary>
internal static class StateWord
{
    /// <summary><see cref="VCpu.ExitRequest"/>, 32 bits.</summary>
    internal const int ExitRequest = 33;

    // What follows is for generated code alone, by its owner.
    internal const int Credit = 34;    // what is left of the budget while no generated code runs; 32 bits
    internal const int Pc = 35;        // where to go on, after an exit
    internal const int JumpCache = 36; // its entries
    internal const int DataTable = 37; // TLB table of loads and stores, or the flags of pages
    internal const int RamBase = 38;   // host address minus guest physical address
    internal const int Self = 39;      // a handle of who answers calls
    internal const int Count = 40;
}
