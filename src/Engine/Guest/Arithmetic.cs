namespace Verify.Engine.Guest;

/// <summary>The M extension where it differs from C#: nothing traps, division by zero and overflow have defined results.</summary>
public static class Arithmetic
{
    public static ulong Mulh(ulong a, ulong b) => (ulong)Math.BigMul((long)a, (long)b, out _);

    public static ulong Mulhu(ulong a, ulong b) => Math.BigMul(a, b, out _);

    public static ulong Mulhsu(ulong a, ulong b) => Math.BigMul(a, b, out _) - ((long)a < 0 ? b : 0);

    public static ulong Div(ulong a, ulong b) => b == 0 ? ulong.MaxValue : b == ulong.MaxValue ? 0 - a : (ulong)((long)a / (long)b);

    public static ulong Divu(ulong a, ulong b) => b == 0 ? ulong.MaxValue : a / b;

    public static ulong Rem(ulong a, ulong b) => b == 0 ? a : b == ulong.MaxValue ? 0 : (ulong)((long)a % (long)b);

    public static ulong Remu(ulong a, ulong b) => b == 0 ? a : a % b;

    public static ulong Divw(ulong a, ulong b) =>
        SignExtend((int)b == 0 ? -1 : (int)b == -1 ? unchecked(0 - (int)a) : (int)a / (int)b);

    public static ulong Divuw(ulong a, ulong b) => SignExtend((uint)b == 0 ? -1 : (int)((uint)a / (uint)b));

    public static ulong Remw(ulong a, ulong b) => SignExtend((int)b == 0 ? (int)a : (int)b == -1 ? 0 : (int)a % (int)b);

    public static ulong Remuw(ulong a, ulong b) => SignExtend((uint)b == 0 ? (int)a : (int)((uint)a % (uint)b));

    private static ulong SignExtend(int value) => (ulong)(long)value;
}
