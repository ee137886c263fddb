using System.Globalization;
using System.Runtime.CompilerServices;

namespace Verify.Checker.Tracing;

/// <summary>Values as text, without calling the program: numbers, enum members, and objects as <c>Type#n</c> by order of appearance.</summary>
internal sealed class ValueText
{
    private const int LongestString = 40;

    private readonly Dictionary<object, int> _numbers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Type, int> _counts = [];
    private readonly Dictionary<nuint, int> _pointers = [];

    internal string Of<T>(T value)
    {
        switch (value)
        {
            case null:
                return "null";
            case bool b:
                return b ? "true" : "false";
            case char c:
                return $"'{c}'";
            case string s:
                return "\"" + (s.Length <= LongestString ? s : s[..LongestString] + "…") + "\"";
            case nint p:
                return Pointer((nuint)p);
            case nuint p:
                return Pointer(p);
            case sbyte or byte or short or ushort or int or uint or long or ulong:
                return Integer(value is ulong u ? (long)u : Convert.ToInt64(value, CultureInfo.InvariantCulture), value is ulong);
            case float or double:
                return ((IFormattable)value).ToString("R", CultureInfo.InvariantCulture);
            case Enum e:
                return e.ToString();
        }

        Type type = value.GetType();
        return type.IsValueType ? Structure(value, type) : Number(value, type);
    }

    private static string Integer(long value, bool unsigned)
    {
        string text = unsigned ? ((ulong)value).ToString(CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);
        return value is > -65536 and < 65536 ? text : "0x" + value.ToString("x", CultureInfo.InvariantCulture);
    }

    // An address differs from run to run; its rank of appearance does not.
    private string Pointer(nuint address)
    {
        if (address < 65536)
        {
            return address.ToString(CultureInfo.InvariantCulture);
        }

        if (!_pointers.TryGetValue(address, out int number))
        {
            _pointers.Add(address, number = _pointers.Count + 1);
        }

        return "pointer#" + number;
    }

    private string Number(object value, Type type)
    {
        if (!_numbers.TryGetValue(value, out int number))
        {
            number = _counts[type] = _counts.GetValueOrDefault(type) + 1;
            _numbers.Add(value, number);
        }

        return Name(type) + "#" + number;
    }

    private static string Structure<T>(T value, Type type)
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>() || !typeof(T).IsValueType || Unsafe.SizeOf<T>() > 16)
        {
            return Name(type);
        }

        Span<byte> bytes = stackalloc byte[Unsafe.SizeOf<T>()];
        Unsafe.WriteUnaligned(ref bytes[0], value);
        bytes.Reverse();
        return Name(type) + " 0x" + Convert.ToHexStringLower(bytes);
    }

    private static string Name(Type type)
    {
        string name = type.Name;
        int arity = name.IndexOf('`', StringComparison.Ordinal);
        return arity < 0 ? name : name[..arity];
    }
}
