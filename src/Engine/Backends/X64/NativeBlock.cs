using System.Runtime.InteropServices;

namespace Verify.Engine.Backends.X64;

/// <summary>What generated code knows of a slot of the arena: its side of a look-up in the jump cache.</summary>
/// <remarks>One for each slot, recycled with it, when no vCPU can hold it any more. A jump cache entry is a pointer to one.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal unsafe struct NativeBlock
{
    /// <summary>Guest address of the first instruction; odd in the block that stands for none.</summary>
    [FieldOffset(0)] public ulong Pc;

    /// <summary>The block's flags: those of <see cref="Translation.TranslationBlock.Flags"/>, which are kept here.</summary>
    [FieldOffset(8)] public int Flags;

    [FieldOffset(12)] public int Slot;

    /// <summary>Where jumps from other blocks lead.</summary>
    [FieldOffset(16)] public byte* Entry;
}
