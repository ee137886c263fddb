using System.Runtime.InteropServices;

namespace Verify.Engine.Guest;

/// <summary>One predecoded instruction, 16 bytes: what the interpreter's switch reads.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public struct Op
{
    /// <summary>Register number a destination of x0 is decoded to: written, never read.</summary>
    public const byte Sink = 32;

    public Opcode Code;

    /// <summary>Destination register 1..31, or <see cref="Sink"/>.</summary>
    public byte Rd;

    public byte Rs1;
    public byte Rs2;

    /// <summary>Offset of the instruction from the start of its block, in units of 2 bytes.</summary>
    public byte Offset;

    /// <summary>Bytes of the instruction: 4, or 2 for a compressed one; 0 for <see cref="Opcode.Continue"/>.</summary>
    public byte Length;

    /// <summary>
    /// Sign-extended immediate; the whole displacement for branches; an <see cref="AmoFunction"/> for AMOs; the instruction itself if
    /// it is illegal or belongs to the group SYSTEM.
    /// </summary>
    public long Imm;
}
