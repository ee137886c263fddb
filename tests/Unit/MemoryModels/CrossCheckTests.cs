using Verify.Checker.MemoryModels;
using Verify.Checker.MemoryModels.Litmus;

namespace Verify.Tests.Unit.MemoryModels;

/// <summary>The machine against independently written ones, on programs nobody chose.</summary>
public class CrossCheckTests
{
    private const int Programs = 300;

    [Theory]
    [InlineData(2, 4)]
    [InlineData(3, 3)]
    public void Under_sc_it_reaches_what_plain_interleaving_reaches(int threads, int operations) =>
        Compare(MemoryModel.Sc, threads, operations, test => StoreBufferMachine.Outcomes(test, buffered: false));

    [Theory]
    [InlineData(2, 4)]
    [InlineData(3, 3)]
    public void Under_tso_it_reaches_what_FIFO_store_buffers_reach(int threads, int operations) =>
        Compare(MemoryModel.Tso, threads, operations, test => StoreBufferMachine.Outcomes(test, buffered: true));

    [Theory]
    [InlineData(2, 4)]
    [InlineData(3, 2)]
    public void Under_dotnet_it_reaches_what_the_axioms_admit(int threads, int operations) =>
        Compare(MemoryModel.DotNet, threads, operations, AxiomaticDotNet.Outcomes);

    [Fact]
    public void Tests_with_locks_and_threads_reach_under_tso_what_draining_store_buffers_reach()
    {
        MemoryModelOptions options = new() { Model = MemoryModel.Tso, LockFence = LockFence.Full };
        foreach (LitmusTest test in LitmusTable.Tests)
        {
            IEnumerable<string> expected = StoreBufferMachine.Outcomes(test, buffered: true).Order(StringComparer.Ordinal);
            Assert.Equal(expected, new LitmusExplorer(test, options).Explore().Outcomes.Keys);
        }
    }

    [Fact]
    public void Generated_programs_include_many_that_tell_the_models_apart()
    {
        int weak = 0;
        int weaker = 0;
        for (int seed = 0; seed < Programs; seed++)
        {
            LitmusTest test = GeneratedProgram.Create(seed, 2, 4);
            int sc = StoreBufferMachine.Outcomes(test, buffered: false).Count;
            int tso = StoreBufferMachine.Outcomes(test, buffered: true).Count;
            weak += tso > sc ? 1 : 0;
            weaker += AxiomaticDotNet.Outcomes(test).Count > tso ? 1 : 0;
        }

        Assert.InRange(weak, 20, Programs);
        Assert.InRange(weaker, 20, Programs);
    }

    private static void Compare(MemoryModel model, int threads, int operations, Func<LitmusTest, IReadOnlySet<string>> oracle)
    {
        for (int seed = 0; seed < Programs; seed++)
        {
            LitmusTest test = GeneratedProgram.Create(seed, threads, operations, locations: 2 + (seed % 2));
            IEnumerable<string> reached = new LitmusExplorer(test, new MemoryModelOptions { Model = model }).Explore().Outcomes.Keys;
            IReadOnlySet<string> expected = oracle(test);
            Assert.True(
                expected.SequenceEqual(reached),
                $"seed {seed}: {GeneratedProgram.Describe(test)}; missing {string.Join(" ", expected.Except(reached))}; "
                + $"extra {string.Join(" ", reached.Except(expected))}");
        }
    }
}
