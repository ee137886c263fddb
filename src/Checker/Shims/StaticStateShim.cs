using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Verify.Checker.Runtime;

namespace Verify.Checker.Shims;

/// <summary>Static constructors of rewritten types, and their repetition before each execution.</summary>
/// <remarks>
/// The rewriter moves a type's static constructor, or an empty one, into a method and calls <see cref="Construct"/> instead. It runs off
/// control: the runtime holds a lock of its own meanwhile, so a switch to another controlled thread could block that one out of sight, and an
/// execution that happened to be the first would have events that its replay does not.
/// </remarks>
public static class StaticStateShim
{
    private static readonly ConditionalWeakTable<AssemblyLoadContext, List<Entry>> s_programs = []; // each list: under itself

    private sealed record Entry(Action Clear, Action Initialize);

    /// <summary>Called by a rewritten static constructor.</summary>
    /// <param name="clear">Sets the type's static fields to their defaults.</param>
    /// <param name="initialize">What the static constructor was.</param>
    public static void Construct(Action clear, Action initialize)
    {
        ArgumentNullException.ThrowIfNull(clear);
        ArgumentNullException.ThrowIfNull(initialize);
        OffControl(initialize);
        List<Entry> entries = Of(initialize);
        lock (entries)
        {
            entries.Add(new Entry(clear, initialize)); // now, when those it used have been added
        }
    }

    /// <summary>Gives the static fields of a program the values they have after loading.</summary>
    /// <param name="program">Where its rewritten assemblies are loaded.</param>
    public static void Reset(AssemblyLoadContext program)
    {
        ArgumentNullException.ThrowIfNull(program);
        if (!s_programs.TryGetValue(program, out List<Entry>? entries))
        {
            return;
        }

        Entry[] all;
        lock (entries)
        {
            all = [.. entries];
        }

        OffControl(() =>
        {
            foreach (Entry entry in all)
            {
                entry.Clear();
            }

            // In the order in which they first ended, so each finds what it read then.
            foreach (Entry entry in all)
            {
                entry.Initialize();
            }
        });
    }

    private static List<Entry> Of(Action method) =>
        s_programs.GetOrCreateValue(AssemblyLoadContext.GetLoadContext(method.Method.Module.Assembly)!);

    private static void OffControl(Action action)
    {
        ControlledThread? self = ControlledThread.Current;
        ControlledThread.Current = null;
        try
        {
            action();
        }
        finally
        {
            ControlledThread.Current = self;
        }
    }
}
