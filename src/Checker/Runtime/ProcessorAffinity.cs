using System.Runtime.InteropServices;

namespace Verify.Checker.Runtime;

/// <summary>Moves the calling thread between processors. Linux only; elsewhere it does nothing.</summary>
public static unsafe partial class ProcessorAffinity
{
    private const int MaskBytes = 1024; // 8192 processors

    private static readonly int[] s_allowed = Allowed();

    /// <summary>Keeps the thread, and those it starts from now on, on one of the processors allowed to the process, or lets it run on all.</summary>
    /// <param name="choice">Taken modulo the number of choices.</param>
    public static void Move(ulong choice)
    {
        if (s_allowed.Length < 2)
        {
            return;
        }

        byte* mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        int chosen = (int)(choice % (ulong)(s_allowed.Length + 1));
        foreach (int cpu in chosen < s_allowed.Length ? [s_allowed[chosen]] : s_allowed)
        {
            mask[cpu / 8] |= (byte)(1 << (cpu % 8));
        }

        _ = SetAffinity(0, MaskBytes, mask); // a container may forbid it; then threads stay where they are
    }

    private static int[] Allowed()
    {
        byte[] mask = new byte[MaskBytes];
        fixed (byte* first = mask)
        {
            if (!OperatingSystem.IsLinux() || GetAffinity(0, MaskBytes, first) < 0)
            {
                return [];
            }
        }

        return [.. Enumerable.Range(0, MaskBytes * 8).Where(c => (mask[c / 8] >> (c % 8) & 1) != 0)];
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    private static partial int GetAffinity(int thread, nuint size, byte* mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint size, byte* mask);
}
