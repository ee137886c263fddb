namespace Verify.Engine.Guest;

/// <summary>
/// The A extension on host atomics. One implementation for every <see cref="IGuestMemory"/>: an atomic has no faster, plainer form.
/// </summary>
public static unsafe class Atomics
{
    /// <summary>LR: the load that opens a reservation. Sequentially consistent, which covers aq and rl.</summary>
    public static uint Load32(byte* at)
    {
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref *(uint*)at);
    }

    public static ulong Load64(byte* at)
    {
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref *(ulong*)at);
    }

    /// <summary>SC as QEMU does it: succeeds if the word still holds the value LR saw. Blind to ABA, as QEMU's is.</summary>
    public static bool StoreConditional32(byte* at, uint seen, uint value) =>
        Interlocked.CompareExchange(ref *(uint*)at, value, seen) == seen;

    public static bool StoreConditional64(byte* at, ulong seen, ulong value) =>
        Interlocked.CompareExchange(ref *(ulong*)at, value, seen) == seen;

    /// <summary>Returns the old word.</summary>
    public static uint Modify32(AmoFunction function, byte* at, uint operand)
    {
        ref uint word = ref *(uint*)at;
        switch (function)
        {
            case AmoFunction.Swap: return Interlocked.Exchange(ref word, operand);
            case AmoFunction.Add: return Interlocked.Add(ref word, operand) - operand;
            case AmoFunction.And: return Interlocked.And(ref word, operand);
            case AmoFunction.Or: return Interlocked.Or(ref word, operand);
        }

        uint old = Volatile.Read(ref word);
        while (true)
        {
            uint value = function switch
            {
                AmoFunction.Xor => old ^ operand,
                AmoFunction.Min => (uint)Math.Min((int)old, (int)operand),
                AmoFunction.Max => (uint)Math.Max((int)old, (int)operand),
                AmoFunction.Minu => Math.Min(old, operand),
                _ => Math.Max(old, operand),
            };
            uint found = Interlocked.CompareExchange(ref word, value, old);
            if (found == old)
            {
                return old;
            }

            old = found;
        }
    }

    /// <summary>Returns the old doubleword.</summary>
    public static ulong Modify64(AmoFunction function, byte* at, ulong operand)
    {
        ref ulong word = ref *(ulong*)at;
        switch (function)
        {
            case AmoFunction.Swap: return Interlocked.Exchange(ref word, operand);
            case AmoFunction.Add: return Interlocked.Add(ref word, operand) - operand;
            case AmoFunction.And: return Interlocked.And(ref word, operand);
            case AmoFunction.Or: return Interlocked.Or(ref word, operand);
        }

        ulong old = Volatile.Read(ref word);
        while (true)
        {
            ulong value = function switch
            {
                AmoFunction.Xor => old ^ operand,
                AmoFunction.Min => (ulong)Math.Min((long)old, (long)operand),
                AmoFunction.Max => (ulong)Math.Max((long)old, (long)operand),
                AmoFunction.Minu => Math.Min(old, operand),
                _ => Math.Max(old, operand),
            };
            ulong found = Interlocked.CompareExchange(ref word, value, old);
            if (found == old)
            {
                return old;
            }

            old = found;
        }
    }
}
