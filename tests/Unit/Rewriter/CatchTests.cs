using Verify.Checker.Runtime;

namespace Verify.Tests.Unit.Rewriter;

public class CatchTests
{
    private static readonly Action s_abort = () => throw new Shims.TestAbort();
    private static readonly Action s_other = () => throw new InvalidOperationException();

    // The abort reaches the program through a delegate, as it does from a shim.
    private const string Source =
        """
        class C
        {
            public static string Log = "";
            static void General(Action a) { try { a(); } catch { Log += "swallowed"; } finally { Log += "f"; } }
            static void Wide(Action a) { try { a(); } catch (Exception e) { Log += e.GetType().Name; } finally { Log += "f"; } }
            static void Rethrow(Action a) { try { a(); } catch (Exception) { Log += "r"; throw; } }
            static void Filter(Action a) { try { a(); } catch (Exception e) when (Look(e)) { Log += "swallowed"; } }
            static void TypeParameter<T>(Action a) where T : Exception { try { a(); } catch (T) { Log += "swallowed"; } }
            static void Generic(Action a) => TypeParameter<Exception>(a);
            static void Narrow(Action a) { try { a(); } catch (InvalidOperationException) { Log += "narrow"; } }
            static void Nested(Action a)
            {
                try { try { a(); } catch (Exception) { Log += "swallowed"; } } catch { Log += "swallowed"; } finally { Log += "f"; }
            }
            static bool Look(Exception e) { Log += "looked"; return true; }
        }
        """;

    [Theory]
    [InlineData("General", "f")]
    [InlineData("Wide", "f")]
    [InlineData("Rethrow", "")]
    [InlineData("Filter", "")]
    [InlineData("Generic", "")]
    [InlineData("Narrow", "")]
    [InlineData("Nested", "f")]
    public void The_abort_passes_every_handler_and_runs_only_finally_blocks(string method, string log)
    {
        Rewritten program = Rewritten.Source(Source);

        Assert.Throws<Shims.TestAbort>(() => program.Run(method, "C", s_abort));
        Assert.Equal(log, program.Assembly.GetType("C")!.GetField("Log")!.GetValue(null));
    }

    [Theory]
    [InlineData("General", "swallowedf")]
    [InlineData("Wide", "InvalidOperationExceptionf")]
    [InlineData("Filter", "lookedswallowed")]
    [InlineData("Generic", "swallowed")]
    [InlineData("Narrow", "narrow")]
    [InlineData("Nested", "swallowedf")]
    public void Other_exceptions_are_caught_as_before(string method, string log)
    {
        Rewritten program = Rewritten.Source(Source);

        program.Run(method, "C", s_other);

        Assert.Equal(log, program.Assembly.GetType("C")!.GetField("Log")!.GetValue(null));
    }

    [Fact]
    public void The_check_stands_before_the_sites_of_the_handler()
    {
        Rewritten program = Rewritten.Source(
            "class C { static volatile int v; static void M(Action a) { try { a(); } catch { v = 1; } } }");

        IReadOnlyList<Site> sites = Recorder.During(
            () => Assert.Throws<Shims.TestAbort>(() => program.Run("M", "C", s_abort)));

        Assert.Empty(sites);
    }
}
