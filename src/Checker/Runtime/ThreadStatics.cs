using System.Reflection;

namespace Verify.Checker.Runtime;

/// <summary>The <c>[ThreadStatic]</c> fields of rewritten assemblies, which every controlled thread must find at their default.</summary>
/// <remarks>
/// A controlled thread runs on a pooled thread of the operating system, from its start to its end on the same one; so the runtime's own storage
/// serves, once it is cleared. As in .NET an initializer runs only on the thread that runs the type's static constructor; that is never
/// a controlled one. Fields of generic types are refused by the rewriter: their instantiations cannot be enumerated.
/// </remarks>
internal static class ThreadStatics
{
    private static readonly object s_gate = new();
    private static volatile FieldInfo[] s_fields = []; // replaced whole under s_gate

    /// <summary>Adds the fields of a rewritten assembly.</summary>
    internal static void Add(Assembly assembly)
    {
        FieldInfo[] found = [.. TypesOf(assembly)
            .Where(t => !t.ContainsGenericParameters)
            .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(f => f.IsDefined(typeof(ThreadStaticAttribute)) && !f.IsInitOnly)];
        if (found.Length > 0)
        {
            lock (s_gate)
            {
                s_fields = [.. s_fields, .. found];
            }
        }
    }

    /// <summary>Clears them on the calling thread.</summary>
    internal static void Reset()
    {
        foreach (FieldInfo field in s_fields)
        {
            field.SetValue(null, null); // null stands for the default of a value type
        }
    }

    private static IEnumerable<Type> TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            return e.Types.OfType<Type>(); // a type that cannot be loaded has no storage either
        }
    }
}
