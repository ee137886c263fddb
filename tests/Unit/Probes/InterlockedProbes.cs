using Verify.Checker.Runtime;

namespace Verify.Tests.Unit.Probes;

/// <summary>Volatile and Interlocked members of every width and of every generic form.</summary>
public class InterlockedProbes
{
    public static TheoryData<string> Numbers =>
        ["byte", "sbyte", "short", "ushort", "int", "uint", "long", "ulong", "nint", "nuint", "float", "double"];

    public static TheoryData<string> Whole => ["int", "uint", "long", "ulong"];

    // A type, and two of its values besides the default.
    public static TheoryData<string, string, string> Others => new()
    {
        { "string", "\"a\"", "\"b\"" },
        { "object", "\"a\"", "\"b\"" },
        { "int[]", "s_one", "s_two" },
        { "char", "'a'", "'b'" },
        { "Small", "Small.A", "Small.B" },
        { "Large", "Large.A", "Large.B" },
    };

    private static string OfNumber(string type) => $$"""
        static {{type}} x;

        static {{type}} Next({{type}} v) => ({{type}})(v + 1);

        public static void Increment_in_two_steps()
        {
            x = 0;
            void Body() => Volatile.Write(ref x, Next(Volatile.Read(ref x)));
            Run(Body, Body);
            Check(x == 2);
        }

        public static void A_failed_exchange_ignored()
        {
            x = 0;
            void Body()
            {
                {{type}} seen = Volatile.Read(ref x);
                Interlocked.CompareExchange(ref x, Next(seen), seen);
            }

            Run(Body, Body);
            Check(x == 2);
        }

        public static void A_failed_exchange_repeated()
        {
            x = 0;
            void Body()
            {
                {{type}} seen;
                do seen = Volatile.Read(ref x);
                while (Interlocked.CompareExchange(ref x, Next(seen), seen) != seen);
            }

            Run(Body, Body, Body);
            Check(x == 3);
        }

        public static void One_of_two_is_first()
        {
            x = 0;
            {{type}} a = 0, b = 0;
            Run(() => a = Interlocked.Exchange(ref x, ({{type}})1), () => b = Interlocked.Exchange(ref x, ({{type}})2));
            Check(a == 0 && b == 1 && x == 2 || b == 0 && a == 2 && x == 1);
        }
        """;

    private static string OfWhole(string type) => $$"""
        static {{type}} x;

        public static void All_are_atomic()
        {
            x = 100;
            Run(
                () => { Interlocked.Increment(ref x); Interlocked.And(ref x, ({{type}})0xFFFF); },
                () => { Interlocked.Decrement(ref x); Interlocked.Add(ref x, ({{type}})20); },
                () => { Interlocked.Or(ref x, ({{type}})0x10000); Interlocked.And(ref x, ({{type}})0xFFFF); });
            Check(x == 120, "" + x);
        }

        public static void Bits_in_two_steps()
        {
            x = 0;
            Run(() => Volatile.Write(ref x, Volatile.Read(ref x) | 1), () => Interlocked.Or(ref x, 2));
            Check(x == 3);
        }

        public static void Added_after_a_read()
        {
            x = 0;
            void Body()
            {
                if (Volatile.Read(ref x) == 0) Interlocked.Add(ref x, 1);
            }

            Run(Body, Body);
            Check(x == 1);
        }
        """;

    private static string OfOther(string type, string one, string two) => $$"""
        enum Small : byte { None, A, B }
        enum Large : ulong { None, A, B = 1UL << 60 }
        static int[] s_one = [1], s_two = [2];
        static {{type}} x;

        public static void Looked_at_and_then_exchanged()
        {
            x = default;
            int first = 0;
            void Body({{type}} mine)
            {
                if (Interlocked.CompareExchange(ref x, default, default) == default)
                {
                    Interlocked.Exchange(ref x, mine);
                    Interlocked.Increment(ref first);
                }
            }

            Run(() => Body({{one}}), () => Body({{two}}));
            Check(first == 1);
        }

        public static void Exchanged_if_still_unset()
        {
            x = default;
            int first = 0;
            void Body({{type}} mine)
            {
                if (Interlocked.CompareExchange(ref x, mine, default) == default) Interlocked.Increment(ref first);
            }

            Run(() => Body({{one}}), () => Body({{two}}));
            Check(first == 1 && (x == {{one}} || x == {{two}}));
        }
        """;

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_number_of_any_width(string type)
    {
        Probe probe = Probe.Of(OfNumber(type));
        probe.Finds("Increment_in_two_steps", FailureKind.Assertion);
        probe.Finds("A_failed_exchange_ignored", FailureKind.Assertion);
        probe.IsClean("A_failed_exchange_repeated");
        probe.IsClean("One_of_two_is_first");
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public void Arithmetic_and_bits(string type)
    {
        Probe probe = Probe.Of(OfWhole(type));
        probe.IsClean("All_are_atomic");
        probe.Finds("Bits_in_two_steps", FailureKind.Assertion);
        probe.Finds("Added_after_a_read", FailureKind.Assertion);
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void References_enumerations_and_characters(string type, string one, string two)
    {
        Probe probe = Probe.Of(OfOther(type, one, two));
        probe.Finds("Looked_at_and_then_exchanged", FailureKind.Assertion);
        probe.IsClean("Exchanged_if_still_unset");
    }
}
