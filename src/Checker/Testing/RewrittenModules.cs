using System.Reflection;
using Verify.Checker.Runtime;

namespace Verify.Checker.Testing;

/// <summary>The rewritten assemblies of this process, and whether verdicts about them can be trusted.</summary>
internal static class RewrittenModules
{
    private static readonly HashSet<Assembly> s_checked = []; // under ConcurrencyTest's lock

    /// <exception cref="InvalidOperationException">Nothing would be under control, or not what is asked for.</exception>
    internal static void Check(Assembly assembly, MemoryOptions memory)
    {
        string name = assembly.GetName().Name!;
        if (assembly.GetCustomAttribute<RewrittenAttribute>() is not { } mark)
        {
            throw new InvalidOperationException(
                $"{name} is not rewritten, so nothing in it is under control; reference the package Verify.Rewriter and set <VerifyRewrite>true</VerifyRewrite>.");
        }

        if (memory.NeedsPlainAccesses && !mark.PlainAccesses)
        {
            throw new InvalidOperationException(
                $"{name} was rewritten without its plain accesses, which memory models and data races need; set <VerifyPlainAccesses>true</VerifyPlainAccesses>.");
        }

        foreach (Assembly each in All())
        {
            if (s_checked.Add(each) && SelfCheck.Problem(each) is { } problem)
            {
                s_checked.Remove(each);
                throw new InvalidOperationException($"the self check failed for {each.GetName().Name}: {problem}; no verdict about it can be trusted");
            }
        }
    }

    /// <summary>Module versions before rewriting, by assembly name, as schedule files record them.</summary>
    internal static IReadOnlyDictionary<string, string> Versions() => new SortedDictionary<string, string>(
        All().ToDictionary(a => a.GetName().Name!, a => a.GetCustomAttribute<RewrittenAttribute>()!.OriginalModuleVersion), StringComparer.Ordinal);

    /// <summary>The first module that is not the one recorded; null when all are.</summary>
    internal static string? DifferenceTo(IReadOnlyDictionary<string, string> recorded)
    {
        IReadOnlyDictionary<string, string> now = Versions();
        return recorded.Where(m => now.GetValueOrDefault(m.Key) != m.Value).Select(m => m.Key).FirstOrDefault();
    }

    private static IEnumerable<Assembly> All() => AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic && a.IsDefined(typeof(RewrittenAttribute)));
}
