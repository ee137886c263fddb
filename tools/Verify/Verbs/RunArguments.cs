using System.CommandLine;
using System.CommandLine.Parsing;
using Verify.Engine.Backends;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Translation;

namespace Verify.Cli.Verbs;

/// <summary>The options of <c>verify run</c> that make a machine.</summary>
internal sealed class RunArguments
{
    private const long MostRam = 1L << 40;

    private static readonly (string Name, FlushDiscipline Value)[] s_flush =
        [("under-lock", FlushDiscipline.UnderTbLock), ("exclusive", FlushDiscipline.Exclusive)];

    private static readonly (string Name, TbStorage Value)[] s_storage =
        [("recycled", TbStorage.RecycledAtOnce), ("grace", TbStorage.AfterGracePeriod)];

    internal static readonly (string Name, BackendKind Value)[] Backends =
        [("interp", BackendKind.Interpreter), ("x64", BackendKind.X64), ("x64-flat", BackendKind.X64Flat)];

    private readonly Option<int> _cpus = new("--cpus") { Description = "Number of vCPUs, one thread each.", DefaultValueFactory = _ => 1 };

    private readonly Option<string> _strategy = new("--strategy")
    {
        Description = "Invalidation strategy: a name of `verify list`, or path.dll:TypeName for one of your own.",
        DefaultValueFactory = _ => "per-cpu-flag",
    };

    private readonly Option<string> _backend = new("--backend")
    {
        Description = "How translated code is executed: interp, x64 (machine code, memory through a TLB) or x64-flat (bounds checks instead where addresses are physical).",
        DefaultValueFactory = _ => "interp",
    };

    private readonly Option<string?> _flush = new("--flush")
    {
        Description = "How the translation cache is flushed, under-lock or exclusive, instead of how the strategy is meant to be combined.",
    };

    private readonly Option<string?> _storage = new("--storage")
    {
        Description = "When flushed blocks are used again, recycled (at once) or grace (after a grace period), instead of as the strategy is meant.",
    };

    private readonly Option<long> _ram = new("--ram")
    {
        Description = "Guest RAM in bytes, or with K, M or G; pages that are not touched cost nothing.",
        DefaultValueFactory = _ => new MachineOptions().RamSize,
    };

    private readonly Option<int> _blocks = new("--tb-capacity")
    {
        Description = "Translation blocks that fit before a flush.",
        DefaultValueFactory = _ => new MachineOptions().TbCapacity,
    };

    internal RunArguments()
    {
        _cpus.Within(1, 64);
        _blocks.Within(2, CodeArena.MaxCapacity);
        _backend.AcceptOnlyFromAmong([.. Backends.Select(b => b.Name)]);
        _flush.AcceptOnlyFromAmong([.. s_flush.Select(f => f.Name)]);
        _storage.AcceptOnlyFromAmong([.. s_storage.Select(s => s.Name)]);
        _ram.CustomParser = Size;
    }

    internal void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_cpus, _strategy, _backend, _flush, _storage, _ram, _blocks])
        {
            command.Options.Add(option);
        }
    }

    internal int Cpus(ParseResult parsed) => parsed.GetValue(_cpus);

    /// <summary>Whether the number of vCPUs was left open.</summary>
    internal bool AnyCpus(ParseResult parsed) => parsed.GetResult(_cpus) is null or { Implicit: true };

    /// <summary>The strategy named, with the axes given.</summary>
    internal InvalidationEntry Strategy(ParseResult parsed) => WithAxes(parsed, InvalidationCatalog.Find(parsed.GetValue(_strategy)!));

    /// <summary>Every strategy of the catalogue, and the one named if it is another, with the axes given.</summary>
    internal IReadOnlyList<InvalidationEntry> Strategies(ParseResult parsed)
    {
        InvalidationEntry named = InvalidationCatalog.Find(parsed.GetValue(_strategy)!);
        return [.. InvalidationCatalog.All.Concat(InvalidationCatalog.All.Contains(named) ? [] : [named]).Select(s => WithAxes(parsed, s))];
    }

    internal MachineOptions Machine(ParseResult parsed) => new()
    {
        RamSize = parsed.GetValue(_ram),
        TbCapacity = parsed.GetValue(_blocks),
        Backend = Array.Find(Backends, b => b.Name == parsed.GetValue(_backend)).Value,
    };

    /// <summary>The back end named, or all of them.</summary>
    internal IReadOnlyList<BackendKind> AllBackends(ParseResult parsed) =>
        parsed.GetResult(_backend) is null or { Implicit: true } ? [.. Backends.Select(b => b.Value)] : [Machine(parsed).Backend];

    internal static string NameOf(BackendKind backend) => Array.Find(Backends, b => b.Value == backend).Name;

    private InvalidationEntry WithAxes(ParseResult parsed, InvalidationEntry entry)
    {
        (string? flush, string? storage) = (parsed.GetValue(_flush), parsed.GetValue(_storage));
        return flush is null && storage is null
            ? entry
            : InvalidationCatalog.Combine(
                entry,
                flush is null ? entry.Flush : Array.Find(s_flush, f => f.Name == flush).Value,
                storage is null ? entry.Storage : Array.Find(s_storage, s => s.Name == storage).Value);
    }

    private static long Size(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        if (!long.TryParse(shift == 0 ? text : text[..^1], out long number) || number < 1 || number > MostRam >> shift
            || (number << shift) % GuestRam.PageSize != 0)
        {
            result.AddError($"--ram is a multiple of 4K up to 1024G, such as 64M; '{text}' is not.");
            return 0;
        }

        return number << shift;
    }
}
