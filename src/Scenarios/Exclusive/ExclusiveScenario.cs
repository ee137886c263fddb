using Verify.Engine.Execution;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Exclusive;

/// <summary>A scenario about exclusive sections, with a witness of who is inside.</summary>
public abstract class ExclusiveScenario(params TbCase[] cases) : TbScenario(cases)
{
    /// <summary>Who is inside: a vCPU in its execution, or an exclusive section; never both.</summary>
    protected sealed class Inside
    {
        private int _executing, _exclusive; // Interlocked: the witness is sequentially consistent whatever the memory model

        internal void Execute(int vcpu)
        {
            Interlocked.Exchange(ref _executing, vcpu + 1);
            Check(Interlocked.Or(ref _exclusive, 0) == 0, $"vCPU {vcpu} executes inside an exclusive section");
            Interlocked.Exchange(ref _executing, 0);
        }

        internal void StartExclusive() => Interlocked.Exchange(ref _exclusive, 1);

        internal void EndExclusive()
        {
            int executing = Interlocked.Or(ref _executing, 0);
            Check(executing == 0, $"vCPU {executing - 1} executes inside an exclusive section");
            Interlocked.Exchange(ref _exclusive, 0);
        }
    }

    /// <summary>The vCPU executes for a moment.</summary>
    protected static void Execute(Machine machine, VCpu cpu, Inside inside)
    {
        machine.CpuExecStart(cpu);
        inside.Execute(cpu.Index);
        Outside(machine, cpu);
    }
}
