using Verify.Checker.MemoryModels.Litmus;

namespace Verify.Tests.Unit.MemoryModels;

/// <summary>Small seeded programs without locks and references, for comparing machines.</summary>
internal static class GeneratedProgram
{
    internal static LitmusTest Create(int seed, int threads, int operations, int locations = 2)
    {
        Random random = new(seed);
        string[] names = ["x", "y", "z"];
        return new LitmusTest
        {
            Name = $"generated {seed}",
            Locations = names[..locations],
            Initial = new long[locations],
            Objects = new HashSet<int>(),
            Locks = [],
            Threads = [.. Enumerable.Range(0, threads).Select(_ => Thread(random, operations - random.Next(2), locations))],
            Exists = [],
            Allowed = new Dictionary<string, bool>(),
            Variants = new Dictionary<string, bool>(),
            Outcomes = new Dictionary<string, IReadOnlyList<string>>(),
        };
    }

    internal static string Describe(LitmusTest test) =>
        string.Join(" || ", test.Threads.Select(t => string.Join("; ", t.Operations.Select(o =>
            $"{o.Opcode}{(o.Volatile ? "v" : "")} l{o.Location} r{o.Register} v{o.Value.Register}/{o.Value.Value} c{o.Comparand.Value}"))));

    private static LitmusThread Thread(Random random, int operations, int locations)
    {
        List<string> registers = [];
        List<LitmusOperation> program = [];
        int location = random.Next(locations);
        for (int i = 0; i < operations; i++)
        {
            // Weak outcomes need neighbours on different locations.
            location = (location + (random.Next(4) == 0 ? 0 : 1)) % locations;
            program.Add(Operation(random, location, registers));
        }

        return new LitmusThread(program, registers);
    }

    private static LitmusOperation Operation(Random random, int location, List<string> registers)
    {
        LitmusOperand constant = new(-1, 1 + random.Next(3));
        int choice = random.Next(100);
        if (choice < 38)
            return new LitmusOperation(LitmusOpcode.R, location, NewRegister(registers), Volatile: random.Next(4) == 0);
        if (choice < 76)
        {
            bool fromRegister = registers.Count > 0 && random.Next(4) == 0;
            LitmusOperand value = fromRegister ? new LitmusOperand(random.Next(registers.Count), 0) : constant;
            return new LitmusOperation(LitmusOpcode.W, location, Value: value, Volatile: random.Next(3) == 0);
        }

        if (choice < 79)
            return new LitmusOperation(LitmusOpcode.XCHG, location, NewRegister(registers), Value: constant);
        if (choice < 81)
            return new LitmusOperation(LitmusOpcode.ADD, location, NewRegister(registers), Value: constant);
        if (choice < 86)
        {
            return new LitmusOperation(
                LitmusOpcode.CAS, location, NewRegister(registers), Value: constant, Comparand: new LitmusOperand(-1, random.Next(3)));
        }

        if (choice < 89 && registers.Count > 0)
            return new LitmusOperation(LitmusOpcode.BNE, Register: random.Next(registers.Count), Value: new LitmusOperand(-1, random.Next(2)));
        return new LitmusOperation(choice switch { < 92 => LitmusOpcode.MB, < 95 => LitmusOpcode.RB, < 98 => LitmusOpcode.WB, _ => LitmusOpcode.MB });
    }

    private static int NewRegister(List<string> registers)
    {
        registers.Add($"r{registers.Count}");
        return registers.Count - 1;
    }
}
