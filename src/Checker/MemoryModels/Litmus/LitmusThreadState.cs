namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>Where a litmus thread is, what its registers hold, and when the reads that fed them were performed.</summary>
internal sealed class LitmusThreadState(LitmusThread program)
{
    internal LitmusThread Program { get; } = program;

    internal long[] Register { get; } = new long[program.Registers.Count];

    internal long[] Dependency { get; } = new long[program.Registers.Count];

    /// <summary>Latest read that an earlier branch or an earlier address depends on.</summary>
    internal long Control { get; set; }

    internal int Position { get; set; }

    internal bool Started { get; set; }

    internal bool Ended => Position == Program.Operations.Count;

    internal LitmusOperation Next => Program.Operations[Position];

    internal void Clear(bool started)
    {
        Array.Clear(Register);
        Array.Clear(Dependency);
        Control = 0;
        Position = 0;
        Started = started;
    }

    internal void Set(int register, long value, long dependency)
    {
        Register[register] = value;
        Dependency[register] = dependency;
    }

    internal long Value(LitmusOperand operand) => operand.Register >= 0 ? Register[operand.Register] : operand.Value;
}
