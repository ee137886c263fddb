using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Collections.Generic;
using Verify.Checker.Runtime;
using Verify.Rewriter.Sites;

namespace Verify.Rewriter.Il;

/// <summary>The body of one method while the passes work on it.</summary>
/// <remarks>
/// An instruction is never removed, and what is inserted before one takes over its object: branches, handler boundaries, sequence points and
/// scopes hold instruction objects, so each keeps meaning "where this piece of source begins".
/// </remarks>
internal sealed class MethodEditor
{
    private readonly Dictionary<Instruction, SequencePoint> _lines = [];
    private readonly Dictionary<Instruction, List<PendingSite>> _sites = [];
    private readonly Dictionary<string, Stack<VariableDefinition>> _freeLocals = [];
    private readonly List<PendingSite> _methodSites = [];
    private readonly SiteTraits _methodTraits;
    private StackAnalysis? _stacks;

    internal MethodEditor(MethodDefinition method, ModuleContext module)
    {
        Method = method;
        Module = module;
        _methodTraits = TypeFacts.RacesOnPurpose(method, module.Options) ? SiteTraits.Relaxed : SiteTraits.None;
        ReadLines();
    }

    internal MethodDefinition Method { get; }

    internal ModuleContext Module { get; }

    internal Collection<Instruction> Instructions => Method.Body.Instructions;

    /// <summary>Sites of the method as a whole, which come before those of its instructions.</summary>
    internal IReadOnlyList<PendingSite> MethodSites => _methodSites;

    /// <summary>Types on the evaluation stack; computed on demand and again after each change.</summary>
    internal StackAnalysis Stacks => _stacks ??= new StackAnalysis(Method);

    internal IReadOnlyList<PendingSite> SitesAt(Instruction instruction) => _sites.TryGetValue(instruction, out List<PendingSite>? s) ? s : [];

    /// <summary>The program's instructions as they stand, safe to walk while editing.</summary>
    internal Instruction[] Snapshot() => [.. Instructions];

    /// <summary>Adds a line to the report without a number.</summary>
    internal void Report(Instruction at, SiteOutcome outcome, string member, string reason) =>
        Attach(at, NewSite(at, outcome, member, member, reason));

    internal void ReportMethod(SiteOutcome outcome, string member, string reason) =>
        _methodSites.Add(NewSite(Instructions[0], outcome, member, member, reason));

    /// <summary>Code that pushes the number of a new site.</summary>
    internal Instruction[] Site(
        Instruction at,
        SiteOutcome outcome,
        string member,
        string operation,
        string reason = "",
        string location = "",
        SiteTraits traits = SiteTraits.None)
    {
        PendingSite site = NewSite(at, outcome, member, operation, reason) with { Location = location, Traits = traits | _methodTraits };
        Instruction load = Instruction.Create(OpCodes.Ldc_I4, 0);
        site.Load = load;
        Attach(load, site);
        return [Instruction.Create(OpCodes.Ldsfld, Module.SiteBase), load, Instruction.Create(OpCodes.Add)];
    }

    /// <summary>A site whose number is pushed elsewhere, in a stub.</summary>
    internal void SiteInStub(Instruction at, string member, string operation, Instruction load)
    {
        PendingSite site = NewSite(at, SiteOutcome.Controlled, member, operation, "");
        site.Load = load;
        Attach(at, site);
    }

    internal void Before(Instruction at, params ReadOnlySpan<Instruction> inserted) => Replace(at, at, [.. inserted, Copy(at)]);

    /// <summary>Replaces a run of instructions, prefixes and the instruction they belong to, by a longer or equally long one.</summary>
    internal void Replace(Instruction first, Instruction last, params ReadOnlySpan<Instruction> replacement)
    {
        _stacks = null;
        _lines.TryGetValue(first, out SequencePoint? line);
        int index = Instructions.IndexOf(first);
        int old = Instructions.IndexOf(last) - index + 1;
        if (replacement.Length < old)
        {
            throw new InvalidOperationException($"{Method.FullName}: {replacement.Length} instructions cannot replace {old}.");
        }

        for (int i = 0; i < replacement.Length; i++)
        {
            if (i < old)
            {
                Become(Instructions[index + i], replacement[i]);
            }
            else
            {
                Instructions.Insert(index + i, replacement[i]);
                if (line is not null)
                {
                    _lines[replacement[i]] = line;
                }
            }
        }
    }

    /// <summary>A local for a value in flight; free again at <see cref="Return"/>.</summary>
    internal VariableDefinition Borrow(TypeReference type)
    {
        if (_freeLocals.TryGetValue(type.FullName, out Stack<VariableDefinition>? free) && free.TryPop(out VariableDefinition? variable))
        {
            return variable;
        }

        variable = new VariableDefinition(type);
        Method.Body.Variables.Add(variable);
        return variable;
    }

    internal void Return(VariableDefinition variable)
    {
        string name = variable.VariableType.FullName;
        if (!_freeLocals.TryGetValue(name, out Stack<VariableDefinition>? free))
        {
            _freeLocals.Add(name, free = new Stack<VariableDefinition>());
        }

        free.Push(variable);
    }

    private static Instruction Copy(Instruction source)
    {
        Instruction copy = Instruction.Create(OpCodes.Nop);
        copy.OpCode = source.OpCode;
        copy.Operand = source.Operand;
        return copy;
    }

    private void Become(Instruction target, Instruction source)
    {
        target.OpCode = source.OpCode;
        target.Operand = source.Operand;
        if (_sites.Remove(source, out List<PendingSite>? moved))
        {
            foreach (PendingSite site in moved.Where(s => s.Load == source))
            {
                site.Load = target;
            }

            foreach (PendingSite site in moved)
            {
                Attach(target, site);
            }
        }
    }

    private void Attach(Instruction at, PendingSite site)
    {
        if (!_sites.TryGetValue(at, out List<PendingSite>? list))
        {
            _sites.Add(at, list = []);
        }

        list.Add(site);
    }

    private PendingSite NewSite(Instruction at, SiteOutcome outcome, string member, string operation, string reason)
    {
        _lines.TryGetValue(at, out SequencePoint? point);
        return new PendingSite(outcome, member, operation, reason, point?.Document.Url ?? "", point?.StartLine ?? 0);
    }

    // Each instruction belongs to the last visible sequence point before it. Compiler-made code (the end of a lock, a state machine's frame)
    // has hidden ones, which name no line; the code before the first visible point belongs to that one.
    private void ReadLines()
    {
        if (!Method.DebugInformation.HasSequencePoints)
        {
            return;
        }

        Dictionary<int, SequencePoint> visible = [];
        foreach (SequencePoint point in Method.DebugInformation.SequencePoints.Where(p => !p.IsHidden))
        {
            visible.TryAdd(point.Offset, point);
        }

        SequencePoint? current = visible.Values.MinBy(p => p.Offset);
        foreach (Instruction instruction in Instructions)
        {
            current = visible.GetValueOrDefault(instruction.Offset, current!);
            if (current is not null)
            {
                _lines[instruction] = current;
            }
        }
    }
}
