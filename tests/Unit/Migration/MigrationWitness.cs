using Verify.Engine.Execution;

namespace Verify.Tests.Unit.Migration;

/// <summary>
/// Watches a guest that ends when it finds three blocks of RAM: holds each round of its migration until every vCPU has retired more, plugs the second
/// block in between two rounds, and the third when every vCPU has gone on in the other machine.
/// </summary>
internal sealed class MigrationWitness(CancellationToken cancellation)
{
    public const long BlockSize = 1 << 20;

    /// <summary>Instructions a vCPU retires while a round is held, at least: some hundred stores.</summary>
    public const long Progress = 5_000;

    private readonly List<long[]> _retiredInRounds = [];
    private Machine? _destination;
    private Thread? _plug;

    public IReadOnlyList<string> BlocksBefore { get; private set; } = [];

    public IReadOnlyList<string> BlocksAtHandover { get; private set; } = [];

    public IReadOnlyList<string> BlocksAtEnd
    {
        get
        {
            _plug!.Join();
            return Names(_destination!);
        }
    }

    /// <summary>Instructions every vCPU had retired when the next round began, for each round but the last.</summary>
    public IReadOnlyList<long[]> RetiredInRounds => _retiredInRounds;

    public long[] RetiredAtEnd => [.. _destination!.Cpus.Select(cpu => cpu.Instructions)];

    public void RoundDone(Machine machine, int round)
    {
        if (round == 0)
        {
            BlocksBefore = Names(machine);
            machine.AddRam("within", BlockSize);
        }

        _retiredInRounds.Add(AwaitProgress(machine));
    }

    public void HandedOver(Machine machine)
    {
        _destination = machine;
        BlocksAtHandover = Names(machine);
        _plug = new Thread(() =>
        {
            AwaitProgress(machine);
            machine.AddRam("after", BlockSize);
        })
        { IsBackground = true };
        _plug.Start();
    }

    private long[] AwaitProgress(Machine machine)
    {
        long[] before = Retired(machine), now = before;
        while (!machine.HasEnded && !cancellation.IsCancellationRequested && now.Where((retired, cpu) => retired < before[cpu] + Progress).Any())
        {
            Thread.Yield();
            now = Retired(machine);
        }

        return now;
    }

    // Asked of the vCPUs themselves, between two blocks of their code; one that has not begun is waited for.
    private static long[] Retired(Machine machine)
    {
        long[] retired = new long[machine.Cpus.Count];
        for (int i = 0; i < retired.Length; i++)
        {
            int at = i;
            machine.RunOnCpu(machine.Cpus[i], cpu => retired[at] = cpu.Instructions);
        }

        return retired;
    }

    private static string[] Names(Machine machine) => [.. machine.Ram.Others!.Blocks.Select(block => block.Name)];
}
