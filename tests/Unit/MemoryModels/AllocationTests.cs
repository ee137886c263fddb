using Verify.Checker.MemoryModels;
using Verify.Checker.Races;

namespace Verify.Tests.Unit.MemoryModels;

public class AllocationTests
{
    [Theory]
    [InlineData("sc")]
    [InlineData("tso")]
    [InlineData("dotnet")]
    public void Accesses_and_resets_allocate_nothing_once_the_tables_have_grown(string model)
    {
        byte[] bytes = new byte[8 * 256];
        RandomWeakChoices choices = new(5) { StaleRate = 0.5, DelayRate = 0.5, MaxDelay = 16 };
        WeakMemory<ArrayMemory> machine = new(
            new ArrayMemory(bytes), new MemoryModelOptions { Model = MemoryModel.Parse(model) }, choices, new RaceDetector());

        // One program, again and again; its races and the sizes of the tables are known after a few executions.
        int[] draws = new int[8000];
        Random random = new(1);
        for (int i = 0; i < draws.Length; i++)
            draws[i] = random.Next();
        for (int i = 0; i < 50; i++)
            Execute(machine, draws);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
            Execute(machine, draws);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Execute(WeakMemory<ArrayMemory> machine, int[] draws)
    {
        machine.Reset();
        int next = 0;
        int Draw(int bound) => draws[next++ % draws.Length] % bound;
        for (int i = 0; i < 2000; i++)
        {
            int thread = Draw(8);
            nuint address = (nuint)(8 * Draw(256));
            switch (Draw(10))
            {
                case < 5:
                    machine.Read(thread, address, 8, (AccessKind)Draw(2), 1);
                    break;
                case < 8:
                    machine.Write(thread, address, 4, (ulong)i, (AccessKind)Draw(4), 2);
                    break;
                case 8:
                    machine.Add(thread, address, 8, 1, AccessKind.Plain, 3);
                    break;
                default:
                    machine.Acquire(thread, Draw(4));
                    machine.Fence(thread, (FenceKind)Draw(4));
                    machine.Release(thread, Draw(4));
                    break;
            }
        }
    }
}
