using Verify.Engine.Backends;
using Verify.Engine.Dirty;
using Verify.Engine.Guest;
using Verify.Engine.Translation;

namespace Verify.Engine.Execution;

/// <summary>The dimensions of a <see cref="Machine"/>. Immutable.</summary>
public sealed record MachineOptions
{
    /// <summary>vCPUs, 1 to 64.</summary>
    public int Cpus { get; init; } = 1;

    /// <summary>Most vCPUs with those that are added while the machine runs, up to 64; at least <see cref="Cpus"/> whatever is given.</summary>
    public int MaxCpus { get; init; }

    /// <summary>Guest physical address of RAM; page aligned.</summary>
    public ulong RamStart { get; init; } = 0x8000_0000;

    /// <summary>Bytes of RAM; a multiple of <see cref="GuestRam.PageSize"/>. Untouched pages cost the host nothing.</summary>
    public long RamSize { get; init; } = 64 << 20;

    /// <summary>
    /// Bytes of RAM with the blocks that may be added while the machine runs; the same multiple. At most <see cref="RamSize"/> means that none may,
    /// and costs nothing.
    /// </summary>
    public long MaxRamSize { get; init; }

    /// <summary>The design of dirty memory, by its name for <see cref="DirtyMemoryCatalog.Find"/>; null or <see cref="NoDirtyMemory"/> is none.</summary>
    public string? DirtyMemory { get; init; }

    /// <summary>The design itself, for one that is in no catalogue; null leaves it to <see cref="DirtyMemory"/>.</summary>
    public DirtyMemoryEntry? DirtyMemoryDesign { get; init; }

    /// <summary>Name of a machine without dirty memory: page flags alone tell where code is, nothing can be migrated or displayed.</summary>
    public const string NoDirtyMemory = "none";

    /// <summary>Pages of a block in designs with blocks; see <see cref="DirtyMemoryOptions.BlockPages"/>.</summary>
    public long DirtyBlockPages { get; init; } = DirtyMemoryOptions.DefaultBlockPages;

    /// <summary>When a block is taken whole; see <see cref="DirtyMemoryOptions.DenseWords"/>.</summary>
    public int DirtyDenseWords { get; init; } = DirtyMemoryOptions.DefaultDenseWords;

    /// <summary>
    /// vCPU stores are logged by a kernel, in this mode, and reach the clients of dirty memory when they fetch its log; null has vCPUs mark dirty
    /// memory themselves. Needs dirty memory.
    /// </summary>
    public KvmLogMode? KernelLog { get; init; }

    /// <summary>Pages a vCPU's ring holds, a power of two, if the kernel logs in rings.</summary>
    public int KernelRingEntries { get; init; } = 1024;

    /// <summary>Translation blocks that fit before a flush, 2 to <see cref="CodeArena.MaxCapacity"/>.</summary>
    public int TbCapacity { get; init; } = 1 << 14;

    /// <summary>Predecoded ops that fit in the code buffer before a flush, at least 1; null is 16 for each block.</summary>
    public int? CodeCapacity { get; init; }

    /// <summary>
    /// How blocks are executed. On a host that cannot run the one named the interpreter takes over: see <see cref="Machine.BackendNotice"/>.
    /// </summary>
    public BackendKind Backend { get; init; }

    /// <summary>Bytes of memory for machine code, 256 KiB to 1 GiB; a block that does not fit into a 128th of it is cut.</summary>
    public int NativeCodeBytes { get; init; } = 64 << 20;

    /// <summary>Whether machine code may use BMI2 where the host has it.</summary>
    public bool UseBmi2 { get; init; } = true;

    /// <summary>A block may run on into the page that follows, but not into a third; direct jumps never lead to such a block.</summary>
    public bool BlocksSpanPages { get; init; }

    /// <summary>Longest block in guest instructions, 1 to <see cref="Translator.MaxInstructions"/>.</summary>
    public int MaxTbInstructions { get; init; } = Translator.MaxInstructions;

    /// <summary>When a flushed slot may be handed out again; null lets the strategy's entry in the catalogue decide.</summary>
    public TbStorage? Storage { get; init; }

    /// <summary>How the translation cache is flushed; null lets the strategy's entry in the catalogue decide.</summary>
    public FlushDiscipline? Flush { get; init; }

    /// <summary>Logarithm of the number of entries in each vCPU's jump cache, 0 to 16.</summary>
    public int JumpCacheBits { get; init; } = 12;

    /// <summary>Where the guest's output goes. Used by one vCPU at a time.</summary>
    public TextWriter Console { get; init; } = TextWriter.Null;

    /// <summary>Devices beside the machine's own; ranges are searched in order, the machine's own first.</summary>
    public IReadOnlyList<DeviceRange> Devices { get; init; } = [];

    /// <summary>The machine has a <see cref="Display.FramebufferDevice"/>.</summary>
    public bool HasFramebuffer { get; init; }

    /// <summary>Where guest time comes from; null derives it from retired instructions.</summary>
    public ITickSource? TickSource { get; init; }

    /// <summary>Stops the machine at the end of the block in which a hart retires its instruction of this number; a trap counts as one.</summary>
    public long? InstructionLimit { get; init; }

    /// <summary>What to do when the harts together have retired so many instructions. None costs nothing.</summary>
    public InstructionMilestones? Milestones { get; init; }

    /// <summary>
    /// Told of the first store into each page that <see cref="Machine.RearmNotDirty"/> has named. Called by any vCPU, after the store.
    /// </summary>
    public Action<ulong, int>? PageDirtied { get; init; }
}
