// Programs over NativeMemory and Marshal.
public static unsafe partial class Probe
{
    public static void Freed_while_another_reads__UseAfterFree()
    {
        int* p = (int*)NativeMemory.AllocZeroed(16);
        Run(() => NativeMemory.Free(p), () => Volatile.Read(ref p[1]));
    }

    public static void Freed_after_the_join__Clean()
    {
        int* p = (int*)NativeMemory.AllocZeroed(16);
        Run(() => Volatile.Read(ref p[1]), () => Volatile.Write(ref p[1], 2));
        NativeMemory.Free(p);
    }

    public static void Freed_by_both__BadFree()
    {
        void* p = NativeMemory.Alloc(8);
        Run(() => NativeMemory.Free(p), () => NativeMemory.Free(p));
    }

    static nint s_owner;

    public static void Freed_by_whoever_takes_it__Clean()
    {
        s_owner = (nint)NativeMemory.Alloc(8);
        void Body() => NativeMemory.Free((void*)Interlocked.Exchange(ref s_owner, 0));
        Run(Body, Body);
    }

    public static void Freed_by_who_saw_it_first__BadFree()
    {
        s_owner = (nint)NativeMemory.Alloc(8);
        void Body()
        {
            void* p = (void*)Volatile.Read(ref s_owner);
            if (p != null)
            {
                Volatile.Write(ref s_owner, 0);
                NativeMemory.Free(p);
            }
        }

        Run(Body, Body);
    }

    public static void Grown_while_another_holds_the_old_address__UseAfterFree()
    {
        byte* p = (byte*)NativeMemory.AllocZeroed(8);
        Run(
            () => NativeMemory.Free(NativeMemory.Realloc(p, 4096)),
            () => Interlocked.Increment(ref *(int*)(p + 4)));
    }

    public static void Filled_after_it_was_freed__UseAfterFree()
    {
        void* p = NativeMemory.AlignedAlloc(64, 64);
        Run(() => NativeMemory.AlignedFree(p), () => NativeMemory.Clear((byte*)p + 8, 8));
    }

    public static void Freed_by_the_wrong_function__BadFree() => NativeMemory.Free((void*)Marshal.AllocHGlobal(8));

    public static void Freed_at_another_address__BadFree() => NativeMemory.Free((byte*)NativeMemory.Alloc(8) + 4);

    public static void A_global_block_freed_twice__BadFree()
    {
        nint p = Marshal.AllocHGlobal(8);
        Run(() => Marshal.FreeHGlobal(p), () => Marshal.FreeHGlobal(p));
    }

    public static void Strings_and_blocks__Clean()
    {
        nint a = Marshal.StringToHGlobalAnsi("abc"), b = Marshal.StringToCoTaskMemUni("de"), c = Marshal.ReAllocHGlobal(Marshal.AllocHGlobal(8), 16);
        Check(Marshal.PtrToStringAnsi(a) == "abc" && Marshal.PtrToStringUni(b) == "de");
        Marshal.FreeHGlobal(a);
        Marshal.FreeCoTaskMem(b);
        Marshal.FreeHGlobal(c);
    }

    public static void A_string_freed_twice__BadFree()
    {
        nint a = Marshal.StringToHGlobalAnsi("abc");
        Run(() => Marshal.FreeHGlobal(a), () => Marshal.FreeHGlobal(a));
    }
}
