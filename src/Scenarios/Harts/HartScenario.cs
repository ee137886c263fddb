using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Harts;

/// <summary>A scenario whose harts each run a program of a few instructions of their own, over a page of data that they share.</summary>
public abstract class HartScenario(params ScenarioCase[] cases) : CaseScenario(cases)
{
    /// <summary>Registers that hold the addresses of two shared doublewords, of a word of the hart's own in the same page, and 1.</summary>
    protected const int AtX = 11, AtY = 12, AtOwn = 13, One = 14;

    /// <summary>Registers for a program to use.</summary>
    protected const int T0 = 5, T1 = 6, T2 = 7, T3 = 28, T4 = 29;

    /// <summary>Guest addresses of the shared doublewords.</summary>
    protected const ulong X = GuestCode.Start + GuestRam.PageSize, Y = X + 256;

    private const int ProgramBytes = 256;

    /// <summary>A load and a store in the page of data, so that those that matter find it in the TLB, and nothing in between orders them.</summary>
    protected static IEnumerable<uint> Warm { get; } =
        [HartCode.Load(HartCode.Word, 0, AtOwn), HartCode.Store(HartCode.Word, 0, AtOwn), HartCode.Store(HartCode.Word, 0, AtOwn)];

    /// <summary>A machine with a hart for each program.</summary>
    /// <param name="options">Given <see cref="MachineOptions.Cpus"/> and the dimensions here.</param>
    /// <param name="programs">Each goes on to the end of its hart; at most 62 instructions.</param>
    protected static Machine Make<TMemory>(MachineOptions options, params IEnumerable<uint>[] programs)
        where TMemory : struct, IGuestMemory
    {
        uint[] words = [.. programs.SelectMany(p => p.Append(GuestCode.Ecall).Concat(Enumerable.Repeat(0u, ProgramBytes)).Take(ProgramBytes / 4))];
        Machine machine = InvalidationCatalog.Find("per-cpu-flag").Create<TMemory, NoAudit>(
            GuestCode.Image(words),
            options with { Cpus = programs.Length, RamSize = Math.Max(options.RamSize, 2 * GuestRam.PageSize), TbCapacity = 8, JumpCacheBits = 1 });
        foreach (VCpu cpu in machine.Cpus)
        {
            cpu.Pc = GuestCode.Start + ((ulong)cpu.Index * ProgramBytes);
            (cpu.X[AtX], cpu.X[AtY], cpu.X[AtOwn], cpu.X[One]) = (X, Y, X + 512 + (64 * (ulong)cpu.Index), 1);
            cpu.X[GuestCode.A7] = GuestCode.Exit;
        }

        return machine;
    }

    /// <inheritdoc cref="Make{TMemory}(MachineOptions, IEnumerable{uint}[])"/>
    protected static Machine Make<TMemory>(params IEnumerable<uint>[] programs)
        where TMemory : struct, IGuestMemory => Make<TMemory>(new MachineOptions { RamSize = 2 * GuestRam.PageSize }, programs);

    /// <summary>Runs every hart to its end, beside other actors.</summary>
    protected static void RunHarts(Machine machine, params (string Name, Action Body)[] others)
    {
        RunActors([.. machine.Cpus.Select(cpu => ($"vcpu{cpu.Index}", (Action)(() => machine.CpuExec(cpu.Index)))), .. others]);
        Check(machine.Fault == null, $"a hart could not go on: {machine.Fault}");
    }

    /// <summary>The doubleword at an address, when the harts have ended.</summary>
    protected static ulong Doubleword(Machine machine, ulong address) => BitConverter.ToUInt64(machine.Ram.Slice(address, 8));
}
