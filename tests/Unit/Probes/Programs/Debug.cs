// Programs over Debug and Trace, whose assertions would end the process.
#define DEBUG
#define TRACE

using System.Diagnostics;

public static partial class Probe
{
    static volatile int s_shared;

    static void Race()
    {
        s_shared = 0;
        Run(() => s_shared++, () => s_shared++);
    }

    public static void A_failed_assertion__Assertion()
    {
        Race();
        Debug.Assert(s_shared == 2, "an update was lost");
    }

    public static void A_failed_assertion_with_an_interpolated_message__Assertion()
    {
        Race();
        Debug.Assert(s_shared == 2, $"an update was lost: {s_shared}");
    }

    public static void A_failed_assertion_of_a_thread__Assertion() => Run(() => Debug.Assert(s_shared < 0));

    public static void A_failed_assertion_of_Trace__Assertion()
    {
        Race();
        Trace.Assert(s_shared == 2);
    }

    public static void A_place_that_must_not_be_reached__Assertion()
    {
        Race();
        if (s_shared != 2) Debug.Fail("unreachable", "and yet");
    }

    public static void Assertions_that_hold__Clean()
    {
        Race();
        Debug.Assert(s_shared >= 1);
        Debug.Assert(s_shared <= 2, "more than two");
        Trace.Assert(s_shared > 0, "nothing", "at all");
        Debug.WriteLine(s_shared);
    }
}
