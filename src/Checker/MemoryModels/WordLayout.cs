using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Verify.Checker.MemoryModels;

/// <summary>Which words of a struct are object references: they are accessed one by one, the bytes between them as numbers.</summary>
internal static class WordLayout<T>
{
    /// <summary>Offsets of the references, ascending.</summary>
    internal static readonly int[] References = [.. WordLayout.ReferencesIn(typeof(T)).Order()];
}

/// <summary>Offsets of fields, which reflection does not tell.</summary>
internal static class WordLayout
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    internal static IEnumerable<int> ReferencesIn(Type type)
    {
        int repeats = type.GetCustomAttribute<InlineArrayAttribute>()?.Length ?? 1;
        foreach (FieldInfo field in type.GetFields(Instance))
        {
            Type held = field.FieldType;
            if (held.IsPrimitive || held.IsPointer || held.IsEnum || held.IsFunctionPointer)
                continue;
            int[] inside = held.IsValueType ? [.. ReferencesIn(held)] : [0];
            if (inside.Length == 0)
                continue;
            int at = OffsetOf(type, field);
            int stride = repeats == 1 ? 0 : SizeOf(held);
            for (int i = 0; i < repeats; i++)
            {
                foreach (int offset in inside)
                    yield return at + (i * stride) + offset;
            }
        }
    }

    private static int OffsetOf(Type type, FieldInfo field)
    {
        var method = new DynamicMethod("offset", typeof(int), null, typeof(WordLayout).Module, skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        LocalBuilder local = il.DeclareLocal(type);
        il.Emit(OpCodes.Ldloca, local);
        il.Emit(OpCodes.Ldflda, field);
        il.Emit(OpCodes.Ldloca, local);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Conv_I4);
        il.Emit(OpCodes.Ret);
        return (int)method.Invoke(null, null)!;
    }

    private static int SizeOf(Type type)
    {
        var method = new DynamicMethod("size", typeof(int), null, typeof(WordLayout).Module, skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        il.Emit(OpCodes.Sizeof, type);
        il.Emit(OpCodes.Ret);
        return (int)method.Invoke(null, null)!;
    }
}
