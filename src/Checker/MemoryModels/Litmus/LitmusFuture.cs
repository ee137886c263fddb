namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>Which of a thread's instants the rest of the program can still ask for.</summary>
[Flags]
internal enum ThreadNeeds
{
    None = 0,
    ReadView = 1,
    WriteView = 2,
    LastRead = 4,
    LastWrite = 8,
    HeapWrite = 16,
    LastRelease = 32,
    Control = 64,
    All = ReadView | WriteView | LastRead | LastWrite,
}

internal static class ThreadNeedsExtensions
{
    internal static bool Has(this ThreadNeeds needs, ThreadNeeds one) => (needs & one) != 0;
}

/// <summary>Static look-ahead over one thread, by position. It may name too much, never too little.</summary>
internal sealed class LitmusFuture
{
    private readonly ThreadNeeds[] _needs;
    private readonly bool[,] _dependency;
    private readonly bool[,] _reads;
    private readonly bool[,] _writes;

    internal LitmusFuture(LitmusTest test, int thread, MemoryModelOptions options)
    {
        IReadOnlyList<LitmusOperation> operations = test.Threads[thread].Operations;
        _needs = new ThreadNeeds[operations.Count + 1];
        _dependency = new bool[operations.Count + 1, test.Threads[thread].Registers.Count];
        _reads = new bool[operations.Count + 1, test.Locations.Count];
        _writes = new bool[operations.Count + 1, test.Locations.Count];

        // A joiner takes the ended thread's instants, a process-wide barrier everyone's.
        bool askedByOthers = test.Threads.Any(t => t.Operations.Any(o =>
            o.Opcode == LitmusOpcode.PWB || (o.Opcode == LitmusOpcode.JOIN && o.Target == thread)));
        _needs[^1] = askedByOthers ? ThreadNeeds.All : ThreadNeeds.None;
        for (int i = operations.Count - 1; i >= 0; i--)
        {
            LitmusOperation op = operations[i];
            _needs[i] = _needs[i + 1] | NeedsOf(op, options);
            for (int r = 0; r < test.Threads[thread].Registers.Count; r++)
            {
                bool depends = op.Base == r || op.Value.Register == r || (op.Opcode == LitmusOpcode.BNE && op.Register == r);
                _dependency[i, r] = depends || _dependency[i + 1, r];
            }

            for (int l = 0; l < test.Locations.Count; l++)
            {
                bool touches = op.Location == l || (op.Base >= 0 && test.Objects.Contains(l));
                _reads[i, l] = _reads[i + 1, l] || (touches && op.Opcode is not (LitmusOpcode.W or LitmusOpcode.WD));
                _writes[i, l] = _writes[i + 1, l] || (touches && op.Opcode is not (LitmusOpcode.R or LitmusOpcode.RD));
            }
        }
    }

    internal bool MayRead(LitmusThreadState thread, int location) => _reads[thread.Position, location];

    internal bool MayWrite(LitmusThreadState thread, int location) => _writes[thread.Position, location];

    internal ThreadNeeds Needs(LitmusThreadState thread) => _needs[thread.Position];

    internal bool NeedsDependency(LitmusThreadState thread, int register) => _dependency[thread.Position, register];

    private static ThreadNeeds NeedsOf(LitmusOperation op, MemoryModelOptions options)
    {
        switch (op.Opcode)
        {
            case LitmusOpcode.R or LitmusOpcode.RD:
                return ThreadNeeds.ReadView;
            case LitmusOpcode.W or LitmusOpcode.WD:
                ThreadNeeds needs = ThreadNeeds.WriteView | ThreadNeeds.LastRead;
                if (options.RelaxReadWrite)
                    needs |= ThreadNeeds.ReadView | ThreadNeeds.Control;
                if (op.Volatile || (op.Reference && options.Publication == Publication.Release))
                    needs |= ThreadNeeds.LastWrite;
                return op.Reference ? needs | ThreadNeeds.HeapWrite : needs;
            case LitmusOpcode.RB:
                return ThreadNeeds.ReadView | ThreadNeeds.LastRead;
            case LitmusOpcode.WB:
                return ThreadNeeds.WriteView | ThreadNeeds.LastRead | ThreadNeeds.LastWrite;
            case LitmusOpcode.CAS:
                return ThreadNeeds.All | ThreadNeeds.LastRelease;
            case LitmusOpcode.BNE or LitmusOpcode.JOIN:
                return ThreadNeeds.None;
            default:
                return ThreadNeeds.All;
        }
    }
}
