using System.Runtime.InteropServices;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Stands in for the allocating members of <see cref="Marshal"/>, under the rules of <see cref="NativeMemoryShim"/>.</summary>
[ShimFor(typeof(Marshal))]
[PassThrough(
    "SizeOf", "OffsetOf", "PtrToStructure", "StructureToPtr", "DestroyStructure", "Copy", "ReadByte", "ReadInt16", "ReadInt32", "ReadInt64",
    "ReadIntPtr", "WriteByte", "WriteInt16", "WriteInt32", "WriteInt64", "WriteIntPtr", "PtrToStringAnsi", "PtrToStringUni", "PtrToStringUTF8",
    "GetLastPInvokeError", "SetLastPInvokeError", "GetLastWin32Error", "GetLastSystemError", "SetLastSystemError", "UnsafeAddrOfPinnedArrayElement",
    "PtrToStringAuto", "GetPInvokeErrorMessage", "GetLastPInvokeErrorMessage", "GetHRForLastWin32Error", "InitHandle",
    "GetHRForException", "ThrowExceptionForHR", "GetExceptionForHR")]
public static unsafe class MarshalShim
{
    public static nint AllocHGlobal(int cb, int site) => AllocHGlobal((nint)cb, site);

    public static nint AllocHGlobal(nint cb, int site) =>
        (nint)NativeMemoryShim.Allocate((void*)Marshal.AllocHGlobal(cb), (nuint)cb, NativeAllocator.HGlobal, site);

    public static void FreeHGlobal(nint hglobal, int site)
    {
        if (!NativeMemoryShim.Release((void*)hglobal, NativeAllocator.HGlobal, site))
        {
            Marshal.FreeHGlobal(hglobal);
        }
    }

    public static nint ReAllocHGlobal(nint pv, nint cb, int site)
    {
        if (!NativeMemoryShim.IsOurs((void*)pv, out nuint size))
        {
            return (nint)NativeMemoryShim.Allocate((void*)Marshal.ReAllocHGlobal(pv, cb), (nuint)cb, NativeAllocator.HGlobal, site);
        }

        nint moved = AllocHGlobal(cb, site);
        NativeMemoryShim.Copy((void*)pv, (void*)moved, nuint.Min(size, (nuint)cb), site);
        FreeHGlobal(pv, site);
        return moved;
    }

    public static nint AllocCoTaskMem(int cb, int site) =>
        (nint)NativeMemoryShim.Allocate((void*)Marshal.AllocCoTaskMem(cb), (nuint)cb, NativeAllocator.CoTaskMem, site);

    public static void FreeCoTaskMem(nint ptr, int site)
    {
        if (!NativeMemoryShim.Release((void*)ptr, NativeAllocator.CoTaskMem, site))
        {
            Marshal.FreeCoTaskMem(ptr);
        }
    }

    public static nint ReAllocCoTaskMem(nint pv, int cb, int site)
    {
        if (!NativeMemoryShim.IsOurs((void*)pv, out nuint size))
        {
            return (nint)NativeMemoryShim.Allocate((void*)Marshal.ReAllocCoTaskMem(pv, cb), (nuint)cb, NativeAllocator.CoTaskMem, site);
        }

        nint moved = AllocCoTaskMem(cb, site);
        NativeMemoryShim.Copy((void*)pv, (void*)moved, nuint.Min(size, (nuint)cb), site);
        FreeCoTaskMem(pv, site);
        return moved;
    }

    public static nint StringToHGlobalAnsi(string? s, int site) => Bytes(Marshal.StringToHGlobalAnsi(s), NativeAllocator.HGlobal, site);

    public static nint StringToHGlobalUni(string? s, int site) => Words(Marshal.StringToHGlobalUni(s), s, NativeAllocator.HGlobal, site);

    public static nint StringToHGlobalAuto(string? s, int site) => Bytes(Marshal.StringToHGlobalAuto(s), NativeAllocator.HGlobal, site);

    public static nint StringToCoTaskMemAnsi(string? s, int site) => Bytes(Marshal.StringToCoTaskMemAnsi(s), NativeAllocator.CoTaskMem, site);

    public static nint StringToCoTaskMemUni(string? s, int site) => Words(Marshal.StringToCoTaskMemUni(s), s, NativeAllocator.CoTaskMem, site);

    public static nint StringToCoTaskMemUTF8(string? s, int site) => Bytes(Marshal.StringToCoTaskMemUTF8(s), NativeAllocator.CoTaskMem, site);

    public static nint StringToCoTaskMemAuto(string? s, int site) => Bytes(Marshal.StringToCoTaskMemAuto(s), NativeAllocator.CoTaskMem, site);

    // What the framework wrote ends with a zero byte; its block may be longer (and is, where "auto" means UTF-16), but more was promised to nobody.
    private static nint Bytes(nint block, NativeAllocator allocator, int site) => block == 0
        ? 0
        : (nint)NativeMemoryShim.Allocate(
            (void*)block, (nuint)MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)block).Length + 1, allocator, site);

    private static nint Words(nint block, string? s, NativeAllocator allocator, int site) =>
        block == 0 ? 0 : (nint)NativeMemoryShim.Allocate((void*)block, ((nuint)s!.Length + 1) * sizeof(char), allocator, site);
}
