using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Memory;
using Verify.Engine.Translation;

namespace Verify.Engine.Backends.X64;

/// <summary>The x86-64 back end of one machine. See <see cref="IBackend"/>.</summary>
/// <remarks>
/// Registers are cached in a block, direct jumps patched, the jump cache probed in line (docs/performance-x64.md). What machine code does not do
/// itself, one function carries out with the interpreter's own implementation of that operation; so does a whole chain, by the
/// interpreter, while machine mode accesses memory with another privilege (MPRV), for which blocks are not translated anew.
/// </remarks>
internal sealed unsafe class X64Backend : IBackend
{
    private readonly CodeMemory _memory;
    private readonly CodeArena _arena;
    private readonly Thunks _thunks;
    private readonly EmitterOptions _options;
    private readonly AccessPath _machineMode;
    private readonly VCpuSide?[] _cpus = new VCpuSide?[64]; // by index; each written before its vCPU is seen

    private X64Backend(CodeMemory memory, Thunks thunks, CodeArena arena, EmitterOptions options) =>
        (_memory, _thunks, _arena, _options, _machineMode) = (memory, thunks, arena, options, options.Machine);

    /// <summary>Regions of the code memory: one for each possible vCPU and as many again, so that none waits while others hold one each.</summary>
    private const int Regions = 128;

    /// <summary>Makes a back end whose blocks are those of the arena, or says why this host has none.</summary>
    /// <param name="codeBytes">Bytes of code memory.</param>
    public static X64Backend? TryCreate(BackendKind kind, GuestRam ram, CodeArena arena, int jumpCacheBits, int codeBytes, bool useBmi2, out string refusal)
    {
        if (CodeMemory.TryMap(codeBytes, out refusal) is not { } memory)
        {
            return null;
        }

        Thunks thunks = new(memory, (nint)(delegate* unmanaged<ulong*, int, int, int>)&SlowOp);
        bool isFlat = kind == BackendKind.X64Flat && ram.Start <= 1UL << 31 && ram.Size < 1UL << 31
            && ram.Others == null && ram.Dirty == null; // the flags of a page are then not all that watches it
        AccessPath machineMode = isFlat ? AccessPath.Flat : ram.Others == null ? AccessPath.IdentityTlb : AccessPath.Tlb;
        EmitterOptions options = new(
            useBmi2 && Bmi2.X64.IsSupported, machineMode, ram.Start, ram.Size, (1 << jumpCacheBits) - 1);
        arena.UseNative(new CodeRegions(memory, thunks.Size, Regions));
        return new X64Backend(memory, thunks, arena, options);
    }

    public CodeMemory Memory => _memory;

    public void Attach(Machine machine, VCpu cpu)
    {
        VCpuSide side = new(machine, cpu, _arena, new BlockEmitter(_options, _thunks));
        _cpus[cpu.Index] = side;
        ulong* state = cpu.Registers;
        state[StateWord.RamBase] = (ulong)machine.Ram.Bytes - machine.Ram.Start;
        state[StateWord.Self] = (ulong)(nint)side.Handle.Value;
    }

    public Generated Generate(VCpu cpu, TbCode code)
    {
        VCpuSide side = _cpus[cpu.Index]!;
        CodeRegions regions = _arena.Native!;
        while (true)
        {
            if (side.Region == null || side.Epoch != regions.Epoch)
            {
                side.Region = regions.Take(out side.Epoch);
                if (side.Region == null)
                {
                    return Generated.NoRoom;
                }
            }

            CodeRegion region = side.Region;
            NativeCode native = new(_memory, region, side.Epoch, region.Next);
            if (side.Emitter.TryEmit(code, _memory.At(region.Next), region.Room, native))
            {
                _memory.Write(native.Entry, side.Emitter.Code);
                region.Next = native.Entry + ((native.Length + 15) & ~15);
                code.Native = native;
                code.Slot.Native->Pc = code.Pc;
                code.Slot.Native->Entry = _memory.At(native.Entry);
                return Generated.Done;
            }

            if (region.IsEmpty)
            {
                return Generated.TooLong;
            }

            side.Region = null;
        }
    }

    /// <summary>What a block's code was when it was published, for tests: it changes nothing.</summary>
    internal byte[] GenerateAgain(TbCode code)
    {
        NativeCode native = code.Native!;
        BlockEmitter emitter = new(_options, _thunks);
        emitter.TryEmit(code, _memory.At(native.Entry), int.MaxValue, new NativeCode(_memory, native.Region, native.Epoch, native.Entry));
        return emitter.Code.ToArray();
    }

    public TbCode Run(Machine machine, VCpu cpu, TbCode code, out int exit)
    {
        bool isMachineMode = code.Mode == TbFlags.None;
        if (isMachineMode && cpu.DataTable != cpu.Tlb.Table(0))
        {
            NoAudit none = default;
            return Interpreter.Run<PlainMemory, NoAudit>(machine, cpu, code, ref none, out exit);
        }

        ulong* state = cpu.Registers;
        bool isFlat = isMachineMode && _machineMode == AccessPath.Flat;
        state[StateWord.DataTable] = isFlat ? (ulong)machine.Ram.Flags : (ulong)cpu.DataTable;
        state[StateWord.JumpCache] = (ulong)cpu.JumpCache.NativeEntries;
        *(int*)(state + StateWord.Credit) = (int)cpu.Budget; // at most VCpu.Quantum
        uint result = _thunks.Enter(state, code.Native!.Body);

        code = _arena.SlotAt((int)(result >> Thunks.ExitBits)).Code;
        exit = (int)(result & ((1 << Thunks.ExitBits) - 1));
        if (exit == Thunks.Stopped)
        {
            exit = Machine.NoExit;
            if (_cpus[cpu.Index]!.TakeFailure() is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            return code;
        }

        exit = exit == Thunks.NoExit ? Machine.NoExit : exit;
        cpu.Pc = state[StateWord.Pc];
        cpu.Instructions += cpu.Budget - *(int*)(state + StateWord.Credit);
        cpu.Budget = *(int*)(state + StateWord.Credit);
        return code;
    }

    public void Dispose() => _memory.Dispose();

    /// <summary>Called by generated code for what it does not do itself. It never throws: an exception waits for the end of the chain.</summary>
    /// <returns>0 to go on, or the result of the chain.</returns>
    [UnmanagedCallersOnly]
    private static int SlowOp(ulong* state, int packed, int storeIsDone)
    {
        GCHandle handle = GCHandle.FromIntPtr((nint)state[StateWord.Self]);
        return ((VCpuSide)handle.Target!).SlowOp(packed >> 7, packed & 127, storeIsDone != 0);
    }

    /// <summary>What belongs to one vCPU: where its code goes, and who answers its calls.</summary>
    private sealed class VCpuSide
    {
        private readonly Machine _machine;
        private readonly VCpu _cpu;
        private readonly CodeArena _arena;
        private Exception? _failure;

        internal VCpuSide(Machine machine, VCpu cpu, CodeArena arena, BlockEmitter emitter)
        {
            (_machine, _cpu, _arena, Emitter) = (machine, cpu, arena, emitter);
            Handle = new WeakHandle(this);
        }

        internal WeakHandle Handle { get; }

        internal BlockEmitter Emitter { get; }

        internal CodeRegion? Region;
        internal long Epoch;

        internal Exception? TakeFailure()
        {
            Exception? failure = _failure;
            _failure = null;
            return failure;
        }

        internal int SlowOp(int slot, int index, bool storeIsDone)
        {
            try
            {
                TbCode code = _arena.SlotAt(slot).Code;
                _cpu.Credit = *(int*)(_cpu.Registers + StateWord.Credit);
                _cpu.StoppedAt = index;
                Step step = Interpreter.SlowOp<PlainMemory>(_machine, _cpu, code, storeIsDone);
                if (step == Step.Next)
                {
                    return 0;
                }

                Interpreter.Settle(_cpu, code, step);
            }
            catch (Exception e)
            {
                _failure = e;
            }

            return (slot << Thunks.ExitBits) | Thunks.Stopped;
        }
    }
}
