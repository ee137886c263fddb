using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Verify.Checker.Runtime;
using Verify.Checker.Shims;

namespace Verify.Checker.Tracing;

/// <summary>Stands in for <see cref="Array"/> where written lines are counted: an array that is cleared is written whole.</summary>
[ShimFor(typeof(Array))]
[PassThrough(
    "AsReadOnly", "BinarySearch", "Clone", "ConstrainedCopy", "ConvertAll", "Copy", "CopyTo", "CreateInstance", "Empty", "Exists", "Fill", "Find", "FindAll",
    "FindIndex", "FindLast", "FindLastIndex", "ForEach", "GetEnumerator", "GetLength", "GetLongLength", "GetLowerBound", "GetUpperBound", "GetValue",
    "IndexOf", "Initialize", "LastIndexOf", "Length", "LongLength", "MaxLength", "Rank", "Resize", "Reverse", "SetValue", "Sort", "TrueForAll")]
public static unsafe class ArrayClearShim
{
    public static void Clear(Array array, int site)
    {
        Array.Clear(array);
        if (ControlledThread.Current is { Execution.Memory: { Written: not null } memory } && array.Length > 0)
        {
            ref byte first = ref MemoryMarshal.GetArrayDataReference(array);
            nuint size = (nuint)array.Length * (nuint)(array.GetType().GetElementType() is { IsValueType: true } element
                ? Marshal.SizeOf(element)
                : sizeof(nuint));
            memory.NoteWritten((nuint)Unsafe.AsPointer(ref first), size);
        }
    }
}
