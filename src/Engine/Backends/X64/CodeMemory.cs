using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Verify.Engine.Backends.X64;

/// <summary>
/// Memory for machine code, mapped twice (W^X): an executable view that cannot be written, and a writable one that only this type reaches.
/// </summary>
/// <remarks>
/// As QEMU's tcg_splitwx (tcg/region.c, alloc_code_gen_buffer_splitwx_memfd). Code that may run is changed in one way only, by
/// <see cref="Patch"/>: one aligned store of four bytes, which other processors see whole (races.md TB25). The address space is given back when the
/// last reference is gone.
/// </remarks>
internal sealed unsafe class CodeMemory : SafeHandle
{
    private readonly byte* _writable; // its view; nobody else has it
    private readonly byte* _executable;

    private CodeMemory(byte* writable, byte* executable, int size)
        : base(0, ownsHandle: true)
    {
        _writable = writable;
        _executable = executable;
        Size = size;
        SetHandle((nint)executable);
    }

    /// <summary>Bytes; all branches inside reach each other with 32 bits.</summary>
    public int Size { get; }

    public override bool IsInvalid => handle == 0;

    /// <summary>Address at which the byte at an offset is executed.</summary>
    public byte* At(int offset) => _executable + offset;

    /// <summary>Offset of an executable address, or -1.</summary>
    public int OffsetOf(nint address)
    {
        nint offset = address - (nint)_executable;
        return (nuint)offset < (nuint)Size ? (int)offset : -1;
    }

    /// <summary>Makes room for code, or says why the host does not let us.</summary>
    /// <param name="size">Bytes, 1 to 1 GiB; rounded up to pages.</param>
    public static CodeMemory? TryMap(int size, out string refusal)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !OperatingSystem.IsLinux())
        {
            refusal = $"this host is {RuntimeInformation.ProcessArchitecture} on {RuntimeInformation.OSDescription}, not x86-64 Linux";
            return null;
        }

        size = (size + Environment.SystemPageSize - 1) & -Environment.SystemPageSize;
        int file = LibC.memfd_create("tcg-code", LibC.CloseOnExec);
        if (file < 0 || LibC.ftruncate(file, size) != 0)
        {
            refusal = $"no memory file for code: {Marshal.GetLastPInvokeErrorMessage()}";
            return null;
        }

        byte* writable = LibC.mmap(null, (nuint)size, LibC.Read | LibC.Write, LibC.Shared, file, 0);
        byte* executable = LibC.mmap(null, (nuint)size, LibC.Read | LibC.Execute, LibC.Shared, file, 0);
        refusal = executable == LibC.Failed ? $"no executable memory: {Marshal.GetLastPInvokeErrorMessage()}" : "";
        LibC.close(file);
        if (writable != LibC.Failed && executable != LibC.Failed)
        {
            return new CodeMemory(writable, executable, size);
        }

        foreach (nint view in (ReadOnlySpan<nint>)[(nint)writable, (nint)executable])
        {
            if ((byte*)view != LibC.Failed)
            {
                LibC.munmap((byte*)view, (nuint)size);
            }
        }

        return null;
    }

    /// <summary>Puts code where none can be running: in a region that was handed out and holds nothing there yet.</summary>
    public void Write(int offset, ReadOnlySpan<byte> code) => code.CopyTo(new Span<byte>(_writable, Size)[offset..]);

    /// <summary>Changes the displacement of a branch that may be running.</summary>
    /// <param name="offset">Of its displacement; a multiple of 4.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset is misaligned or outside.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Patch(int offset, int displacement)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset & 3, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)offset, (uint)Size);
        Volatile.Write(ref *(int*)(_writable + offset), displacement);
    }

    protected override bool ReleaseHandle()
    {
        LibC.munmap(_writable, (nuint)Size);
        return LibC.munmap(_executable, (nuint)Size) == 0;
    }

    /// <summary>The system calls .NET has no class for: it maps files, but not one file twice with different rights to execute.</summary>
    private static class LibC
    {
        internal const int Read = 1, Write = 2, Execute = 4, Shared = 1;
        internal const uint CloseOnExec = 1;

        internal static byte* Failed => (byte*)-1;

        [DllImport("libc", SetLastError = true, CharSet = CharSet.Ansi)]
        internal static extern int memfd_create([MarshalAs(UnmanagedType.LPStr)] string name, uint flags);

        [DllImport("libc", SetLastError = true)]
        internal static extern int ftruncate(int file, long length);

        [DllImport("libc", SetLastError = true)]
        internal static extern byte* mmap(byte* address, nuint length, int protection, int flags, int file, long offset);

        [DllImport("libc")]
        internal static extern int munmap(byte* address, nuint length);

        [DllImport("libc")]
        internal static extern int close(int file);
    }
}
