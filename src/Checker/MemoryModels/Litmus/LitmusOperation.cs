namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>The operations of a litmus thread, named as in the files.</summary>
public enum LitmusOpcode
{
    /// <summary>Read a location.</summary>
    R,

    /// <summary>Write a location.</summary>
    W,

    /// <summary>Read through a reference; -1 if the register holds none.</summary>
    RD,

    /// <summary>Write through a reference; nothing if the register holds none.</summary>
    WD,

    /// <summary>Interlocked.Exchange; the register gets the old value, as for the next two.</summary>
    XCHG,

    /// <summary>Interlocked.Add.</summary>
    ADD,

    /// <summary>Interlocked.CompareExchange.</summary>
    CAS,

    /// <summary>Interlocked.MemoryBarrier.</summary>
    MB,

    /// <summary>Volatile.ReadBarrier.</summary>
    RB,

    /// <summary>Volatile.WriteBarrier.</summary>
    WB,

    /// <summary>Interlocked.MemoryBarrierProcessWide.</summary>
    PWB,

    /// <summary>Monitor.Enter.</summary>
    LOCK,

    /// <summary>Monitor.Exit.</summary>
    UNLOCK,

    /// <summary>Start a thread, which does not run before.</summary>
    START,

    /// <summary>Wait for a thread to end.</summary>
    JOIN,

    /// <summary>End the thread unless the register holds the value.</summary>
    BNE,
}

/// <summary>A constant, or a register of the same thread; by default the constant 0.</summary>
public readonly record struct LitmusOperand
{
    private readonly int _registerPlusOne;

    /// <param name="register">-1 for a constant.</param>
    /// <param name="value">The constant.</param>
    public LitmusOperand(int register, long value)
    {
        _registerPlusOne = register + 1;
        Value = value;
    }

    /// <summary>-1 for a constant.</summary>
    public int Register => _registerPlusOne - 1;

    public long Value { get; }
}

/// <summary>One operation; fields that its opcode does not use are -1 or default.</summary>
/// <param name="Opcode">What it does.</param>
/// <param name="Location">R, W, XCHG, ADD, CAS.</param>
/// <param name="Register">Destination; the tested register for BNE.</param>
/// <param name="Base">RD, WD: the register that holds the reference.</param>
/// <param name="Value">What is written, added or compared with.</param>
/// <param name="Comparand">CAS.</param>
/// <param name="Target">Lock or thread.</param>
/// <param name="Volatile">R, W: Volatile.Read, Volatile.Write.</param>
/// <param name="Reference">W: the store of an object reference.</param>
public sealed record LitmusOperation(
    LitmusOpcode Opcode,
    int Location = -1,
    int Register = -1,
    int Base = -1,
    LitmusOperand Value = default,
    LitmusOperand Comparand = default,
    int Target = -1,
    bool Volatile = false,
    bool Reference = false)
{
    /// <summary>Touches nothing but the thread's own views and position, so it commutes with whatever other threads do.</summary>
    public bool IsLocal => Opcode is LitmusOpcode.MB or LitmusOpcode.RB or LitmusOpcode.WB or LitmusOpcode.BNE;
}
