using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Verify.Checker.MemoryModels.Litmus;

/// <summary>One test of a litmus file. Every complaint names the test, and the operation if it is about one.</summary>
internal sealed class LitmusTestReader(JsonElement json, int position)
{
    private const int MostThreads = 64;  // a message's seen mask has a bit a thread

    private readonly List<string> _locations = [];
    private readonly List<string> _locks = [];
    private readonly HashSet<int> _objects = [];
    private readonly List<LitmusThread> _threads = [];
    private string _where = $"test {position}";

    internal LitmusTest Read()
    {
        if (json.ValueKind != JsonValueKind.Object)
            Fail("a test is an object");
        string test = Text(json, "name");
        _where = test;
        Dictionary<int, long> initial = ReadInitial();
        ReadThreads(test);
        _where = test;
        LitmusThreadOrder.Check(_threads, _locks, Fail);
        List<IReadOnlyList<LitmusTerm>> exists = ReadExists();
        return new LitmusTest
        {
            Name = test,
            Locations = _locations,
            Initial = [.. Enumerable.Range(0, _locations.Count).Select(l => initial.GetValueOrDefault(l))],
            Objects = _objects,
            Locks = _locks,
            Threads = _threads,
            Exists = exists,
            Allowed = ReadVerdicts("allowed"),
            Variants = ReadVerdicts("variants"),
            Outcomes = ReadOutcomes(),
            Note = json.TryGetProperty("note", out JsonElement note) && note.ValueKind == JsonValueKind.String ? note.GetString()! : "",
        };
    }

    private Dictionary<int, long> ReadInitial()
    {
        Dictionary<int, long> initial = [];
        if (!json.TryGetProperty("init", out JsonElement init))
            return initial;
        if (init.ValueKind != JsonValueKind.Object)
            Fail("'init' is an object from location to value");
        foreach (JsonProperty entry in init.EnumerateObject())
        {
            int location = Location(entry.Name);
            initial[location] = ReadConstant(entry.Value, $"the initial value of '{entry.Name}'");
        }

        return initial;
    }

    private void ReadThreads(string test)
    {
        if (!json.TryGetProperty("threads", out JsonElement threads) || threads.ValueKind != JsonValueKind.Array || threads.GetArrayLength() == 0)
            Fail("'threads' is an array of at least one thread");
        if (threads.GetArrayLength() > MostThreads)
            Fail($"it has {threads.GetArrayLength()} threads; at most {MostThreads} are supported");
        int count = threads.GetArrayLength();
        foreach (JsonElement thread in threads.EnumerateArray())
        {
            if (thread.ValueKind != JsonValueKind.Array)
                Fail($"thread {_threads.Count} is not an array of operations");
            List<string> registers = [];
            List<LitmusOperation> operations = [];
            foreach (JsonElement operation in thread.EnumerateArray())
            {
                _where = $"{test}: thread {_threads.Count}, operation {operations.Count}";
                operations.Add(ReadOperation(operation, registers, count));
            }

            _where = test;
            _threads.Add(new LitmusThread(operations, registers));
        }
    }

    private LitmusOperation ReadOperation(JsonElement op, List<string> registers, int threads)
    {
        if (op.ValueKind != JsonValueKind.Object)
            Fail("an operation is an object");
        string name = Text(op, "op");
        if (!Enum.TryParse(name, ignoreCase: false, out LitmusOpcode opcode) || opcode.ToString() != name)
            Fail($"there is no operation '{name}'; it is one of {string.Join(", ", Enum.GetNames<LitmusOpcode>())}");
        LitmusOperation operation = opcode switch
        {
            LitmusOpcode.R => new(opcode, Location(Text(op, "loc")), Register(Text(op, "reg"), registers), Volatile: Volatile(op)),
            LitmusOpcode.W => new(
                opcode, Location(Text(op, "loc")), Value: Operand(op, "val", registers), Volatile: Volatile(op), Reference: Flag(op, "ref")),
            LitmusOpcode.RD => new(opcode, Base: Register(Text(op, "base"), registers), Register: Register(Text(op, "reg"), registers)),
            LitmusOpcode.WD => new(opcode, Base: Register(Text(op, "base"), registers), Value: Operand(op, "val", registers)),
            LitmusOpcode.XCHG or LitmusOpcode.ADD => new(
                opcode, Location(Text(op, "loc")), Value: Operand(op, "val", registers), Register: Register(Text(op, "reg"), registers)),
            LitmusOpcode.CAS => new(
                opcode,
                Location(Text(op, "loc")),
                Comparand: Operand(op, "cmp", registers),
                Value: Operand(op, "val", registers),
                Register: Register(Text(op, "reg"), registers)),
            LitmusOpcode.LOCK or LitmusOpcode.UNLOCK => new(opcode, Target: Numbered(Text(op, "lock"), _locks)),
            LitmusOpcode.START or LitmusOpcode.JOIN => new(opcode, Target: ThreadNumber(op, threads)),
            LitmusOpcode.BNE => new(opcode, Register: Register(Text(op, "reg"), registers), Value: Operand(op, "val", registers)),
            _ => new(opcode),
        };
        RefuseUnknownFields(op, opcode);
        return operation;
    }

    private void RefuseUnknownFields(JsonElement op, LitmusOpcode opcode)
    {
        string[] fields = opcode switch
        {
            LitmusOpcode.R => ["op", "loc", "reg", "ord"],
            LitmusOpcode.W => ["op", "loc", "val", "ord", "ref"],
            LitmusOpcode.RD => ["op", "base", "reg"],
            LitmusOpcode.WD => ["op", "base", "val"],
            LitmusOpcode.XCHG or LitmusOpcode.ADD => ["op", "loc", "val", "reg"],
            LitmusOpcode.CAS => ["op", "loc", "cmp", "val", "reg"],
            LitmusOpcode.LOCK or LitmusOpcode.UNLOCK => ["op", "lock"],
            LitmusOpcode.START or LitmusOpcode.JOIN => ["op", "thread"],
            LitmusOpcode.BNE => ["op", "reg", "val"],
            _ => ["op"],
        };
        foreach (JsonProperty field in op.EnumerateObject())
        {
            if (!fields.Contains(field.Name))
                Fail($"{opcode} has no field '{field.Name}'; it has {string.Join(", ", fields)}");
        }
    }

    private bool Volatile(JsonElement op)
    {
        if (!op.TryGetProperty("ord", out JsonElement order))
            return false;
        if (order.ValueKind != JsonValueKind.String || order.GetString() != "vol")
            Fail("'ord' is absent for a plain access or \"vol\"");
        return true;
    }

    private bool Flag(JsonElement op, string field)
    {
        if (!op.TryGetProperty(field, out JsonElement flag))
            return false;
        if (flag.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            Fail($"'{field}' is true or false");
        return flag.GetBoolean();
    }

    private int ThreadNumber(JsonElement op, int threads)
    {
        if (!op.TryGetProperty("thread", out JsonElement number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out int thread)
            || thread < 0 || thread >= threads)
        {
            return Fail<int>($"'thread' is a thread's number, 0 to {threads - 1}");
        }

        return thread == _threads.Count ? Fail<int>("a thread can neither start nor join itself") : thread;
    }

    private string Text(JsonElement op, string field) =>
        op.TryGetProperty(field, out JsonElement text) && text.ValueKind == JsonValueKind.String && text.GetString() is { Length: > 0 } value
            ? value
            : Fail<string>($"it has no '{field}'");

    private LitmusOperand Operand(JsonElement op, string field, List<string> registers)
    {
        if (!op.TryGetProperty(field, out JsonElement value))
            Fail($"it has no '{field}'");
        return value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } register && register[0] != '&'
            ? new LitmusOperand(Register(register, registers), 0)
            : new LitmusOperand(-1, ReadConstant(value, $"'{field}'"));
    }

    private long ReadConstant(JsonElement value, string what)
    {
        if (value.ValueKind == JsonValueKind.String && value.GetString() is ['&', _, ..] reference)
        {
            int location = Location(reference[1..]);
            _objects.Add(location);
            return LitmusTest.Reference(location);
        }

        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out long number) || Math.Abs((decimal)number) > LitmusTest.LargestNumber)
            return Fail<long>($"{what} is {value.GetRawText()}; it is a whole number of at most 62 bits or a reference \"&location\"");
        return number;
    }

    private int Location(string name) =>
        name.AsSpan().IndexOfAny(";=:& ") < 0 ? Numbered(name, _locations) : Fail<int>($"'{name}' is no name for a location");

    private static int Register(string name, List<string> registers) => Numbered(name, registers);

    private static int Numbered(string name, List<string> names)
    {
        int index = names.IndexOf(name);
        if (index >= 0)
            return index;
        names.Add(name);
        return names.Count - 1;
    }

    private List<IReadOnlyList<LitmusTerm>> ReadExists()
    {
        List<IReadOnlyList<LitmusTerm>> exists = [];
        if (!json.TryGetProperty("final", out JsonElement final))
            return exists;
        if (final.ValueKind != JsonValueKind.Object || !final.TryGetProperty("exists", out JsonElement clauses)
            || clauses.ValueKind != JsonValueKind.Array)
        {
            Fail("'final' is an object with an array 'exists' of conjunctions");
        }

        foreach (JsonElement clause in final.GetProperty("exists").EnumerateArray())
        {
            if (clause.ValueKind != JsonValueKind.Object)
                Fail("a conjunction of 'exists' is an object from register or location to value");
            exists.Add([.. clause.EnumerateObject().Select(ReadTerm)]);
        }

        return exists;
    }

    private LitmusTerm ReadTerm(JsonProperty term)
    {
        int locations = _locations.Count;
        long value = ReadConstant(term.Value, $"'{term.Name}' in 'exists'");
        if (_locations.Count != locations)
            Fail($"'exists' refers to {term.Value.GetRawText()}, which the program does not have");
        int colon = term.Name.IndexOf(':');
        if (colon < 0)
        {
            int location = _locations.IndexOf(term.Name);
            return location >= 0
                ? new LitmusTerm(-1, location, value)
                : Fail<LitmusTerm>($"'exists' names location '{term.Name}', which the program does not have");
        }

        if (!int.TryParse(term.Name.AsSpan(0, colon), out int thread) || thread < 0 || thread >= _threads.Count)
            Fail($"'exists' names '{term.Name}', but there is no such thread");
        int register = _threads[thread].Registers.ToList().IndexOf(term.Name[(colon + 1)..]);
        return register >= 0
            ? new LitmusTerm(thread, register, value)
            : Fail<LitmusTerm>($"'exists' names '{term.Name}', a register the thread does not use");
    }

    private Dictionary<string, bool> ReadVerdicts(string field)
    {
        Dictionary<string, bool> verdicts = [];
        if (!json.TryGetProperty(field, out JsonElement map))
            return verdicts;
        if (map.ValueKind != JsonValueKind.Object)
            Fail($"'{field}' is an object from name to true or false");
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            verdicts[entry.Name] = entry.Value.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? entry.Value.GetBoolean()
                : Fail<bool>($"'{field}.{entry.Name}' is true or false");
        }

        return verdicts;
    }

    private Dictionary<string, IReadOnlyList<string>> ReadOutcomes()
    {
        Dictionary<string, IReadOnlyList<string>> outcomes = [];
        if (!json.TryGetProperty("outcomes", out JsonElement map))
            return outcomes;
        if (map.ValueKind != JsonValueKind.Object)
            Fail("'outcomes' is an object from model to an array of states");
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Array || entry.Value.EnumerateArray().Any(o => o.ValueKind != JsonValueKind.String))
                Fail($"'outcomes.{entry.Name}' is an array of strings");
            outcomes[entry.Name] = [.. entry.Value.EnumerateArray().Select(o => o.GetString()!)];
        }

        return outcomes;
    }

    [DoesNotReturn]
    private void Fail(string problem) => throw new LitmusFormatException($"{_where}: {problem}.");

    [DoesNotReturn]
    private T Fail<T>(string problem) => throw new LitmusFormatException($"{_where}: {problem}.");
}
