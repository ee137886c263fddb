using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Translation;
using Verify.Scenarios;
using Verify.Scenarios.Translation;

namespace Verify.Tests.Unit.Scenarios;

/// <summary>
/// A crude driver: vCPU 1 is held at one point of its run, vCPU 0 runs as far as it can, then vCPU 1 goes on. All such schedules are tried;
/// they have one preemption at most, and already tell the variants apart.
/// </summary>
public class FlushVersusLastTbTests
{
    public static TheoryData<string, ExpectedVerdict> Variants
    {
        get
        {
            TheoryData<string, ExpectedVerdict> data = [];
            foreach (ScenarioVariant variant in new FlushVersusLastTb().Variants)
            {
                data.Add(variant.Name, variant.Expected);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Holding_one_vcpu_anywhere_shows_exactly_the_expected_verdict(string variant, ExpectedVerdict expected)
    {
        List<string> violations = [];
        int flushes = 0;
        for (int held = 0; held < 2; held++)
        {
            for (int point = 1; point <= 16; point++)
            {
                (Exception? failure, long flushed) = Run(variant, held, point);
                flushes += (int)flushed;
                if (failure is AuditViolationException)
                {
                    violations.Add(failure.Message);
                }
                else
                {
                    Assert.Null(failure);
                }
            }
        }

        Assert.True(flushes > 32, "the scenario must flush in every run, or it shows nothing");
        Assert.Equal(expected == ExpectedVerdict.Racy, violations.Count > 0);
        Assert.All(violations, message => Assert.Contains("patches a recycled block", message));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void A_clean_variant_passes_on_real_threads(string variant, ExpectedVerdict expected)
    {
        Action body = ScenarioCatalog.Body("flush-vs-last-tb", variant);
        for (int i = 0; i < 50; i++)
        {
            try
            {
                body();
            }
            catch (AuditViolationException) when (expected == ExpectedVerdict.Racy)
            {
            }
        }
    }

    [Fact]
    public void Unknown_names_are_answered_with_the_valid_ones_closest_first()
    {
        string scenario = Assert.Throws<UnknownScenarioException>(() => ScenarioCatalog.Body("flush-vs-last", "x")).Message;
        string variant = Assert.Throws<UnknownVariantException>(() => ScenarioCatalog.Body("flush-vs-last-tb", "flush-count")).Message;
        Assert.Contains("the nearest are flush-vs-last-tb", scenario);
        Assert.Contains("flush-counter, ", variant);
        Assert.DoesNotContain('\n', scenario + variant);
    }

    private static (Exception? Failure, long Flushes) Run(string variant, int held, int point)
    {
        Gate gate = new(held, point);
        using Machine machine = new FlushVersusLastTb().CreateMachine<OrderedMemory, GatedAudit>(variant, new GatedAudit(gate));
        Exception? failure = null;
        Thread first = Actor(held), second = Actor(1 - held);
        first.Start();
        gate.Reached.Wait(TestContext.Current.CancellationToken);
        second.Start();
        while (!gate.OtherEnded && !Volatile.Read(ref machine.Cpus[1 - held].WaitsForSlots) && !machine.Exclusive.IsPending)
        {
            Thread.Yield(); // it ends, or it waits for the held one to let go of its slots or to come out of its loop
        }

        gate.Opened.Set();
        first.Join();
        second.Join();
        if (failure == null)
        {
            failure = Record.Exception(() => FlushVersusLastTb.Check(machine));
        }

        return (failure, machine.FlushCount);

        Thread Actor(int cpu) => new(() =>
        {
            if (Record.Exception(() => machine.CpuExec(cpu)) is { } e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
            }
        });
    }

    private sealed class Gate(int held, int point)
    {
        private int _passed;
        private volatile bool _otherEnded;

        public ManualResetEventSlim Reached { get; } = new();

        public ManualResetEventSlim Opened { get; } = new();

        public bool OtherEnded => _otherEnded;

        public void Pass(int cpu)
        {
            if (cpu == held && ++_passed == point)
            {
                Reached.Set();
                Opened.Wait();
            }
        }

        public void End(int cpu)
        {
            _otherEnded |= cpu != held;
            if (cpu == held)
            {
                Reached.Set();
            }
        }
    }

    /// <summary>Odd points are entries of blocks, even points exits from chains.</summary>
    private readonly struct GatedAudit(Gate gate) : IAudit
    {
        public void Attach(int cpus) { }

        public void Executed(VCpu cpu, TbCode code) => gate.Pass(cpu.Index);

        public void Left(VCpu cpu, TbCode ran, int exit) => gate.Pass(cpu.Index);

        public void Patch(VCpu cpu, TbCode ran, int exit, TranslationBlock origin, TranslationBlock destination) =>
            default(GenerationAudit).Patch(cpu, ran, exit, origin, destination);

        public void OriginKept(VCpu cpu, TranslationBlock origin, bool flushed) { }

        public void Stopped(VCpu cpu) => gate.End(cpu.Index);
    }
}
