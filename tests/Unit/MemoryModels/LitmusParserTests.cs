using Verify.Checker.MemoryModels.Litmus;

namespace Verify.Tests.Unit.MemoryModels;

public class LitmusParserTests
{
    private const string Good = """[{"op":"W","loc":"x","val":1},{"op":"R","loc":"y","reg":"r0"}]""";

    [Theory]
    [InlineData("", "not JSON (line 1")]
    [InlineData("[]", "'tests'")]
    [InlineData("""{"tests":{}}""", "'tests'")]
    [InlineData("""{"tests":[1]}""", "test 0: a test is an object")]
    [InlineData("""{"tests":[{}]}""", "test 0: it has no 'name'")]
    [InlineData("""{"tests":[{"name":"T"}]}""", "T: 'threads'")]
    [InlineData("""{"tests":[{"name":"T","threads":[]}]}""", "T: 'threads'")]
    [InlineData("""{"tests":[{"name":"T","threads":[{}]}]}""", "T: thread 0 is not an array")]
    [InlineData("""{"tests":[{"name":"T","threads":[[]]},{"name":"T","threads":[[]]}]}""", "T: two tests have this name")]
    [InlineData("""{"tests":[{"name":"T","init":[],"threads":[[]]}]}""", "T: 'init'")]
    [InlineData("""{"tests":[{"name":"T","init":{"x":1.5},"threads":[[]]}]}""", "initial value of 'x' is 1.5")]
    public void A_file_of_another_form_is_refused_in_one_line(string json, string expected) => Refuses(json, expected);

    [Theory]
    [InlineData("""{"op":"MFENCE"}""", "T: thread 0, operation 0: there is no operation 'MFENCE'")]
    [InlineData("""{"op":"3"}""", "there is no operation '3'")]
    [InlineData("""{}""", "it has no 'op'")]
    [InlineData("""{"op":"R","loc":"x"}""", "it has no 'reg'")]
    [InlineData("""{"op":"W","loc":"x"}""", "it has no 'val'")]
    [InlineData("""{"op":"W","loc":"x","val":99999999999999999999}""", "'val' is 99999999999999999999")]
    [InlineData("""{"op":"W","loc":"x","val":true}""", "'val' is true")]
    [InlineData("""{"op":"W","loc":"x","val":"&"}""", "'val' is \"&\"")]
    [InlineData("""{"op":"W","loc":"a=b","val":1}""", "'a=b' is no name")]
    [InlineData("""{"op":"W","loc":"x","val":1,"ord":"acq"}""", "'ord'")]
    [InlineData("""{"op":"W","loc":"x","val":1,"ref":1}""", "'ref' is true or false")]
    [InlineData("""{"op":"XCHG","loc":"x","val":1,"reg":"r","ord":"vol"}""", "XCHG has no field 'ord'")]
    [InlineData("""{"op":"CAS","loc":"x","val":1,"reg":"r"}""", "it has no 'cmp'")]
    [InlineData("""{"op":"START","thread":1}""", "'thread' is a thread's number, 0 to 0")]
    [InlineData("""{"op":"JOIN","thread":0}""", "neither start nor join itself")]
    [InlineData("""{"op":"UNLOCK","lock":"l"}""", "thread 0 leaves lock 'l' without holding it")]
    public void A_wrong_operation_is_named_by_test_thread_and_position(string operation, string expected) =>
        Refuses($$"""{"tests":[{"name":"T","threads":[[{{operation}}]]}]}""", expected);

    [Theory]
    [InlineData("""[{"0:r9":1}]""", "'0:r9', a register the thread does not use")]
    [InlineData("""[{"7:r0":1}]""", "'7:r0', but there is no such thread")]
    [InlineData("""[{"z":1}]""", "location 'z', which the program does not have")]
    [InlineData("""[{"x":"&z"}]""", "\"&z\", which the program does not have")]
    [InlineData("{}", "'final' is an object with an array 'exists'")]
    public void A_wrong_condition_is_refused(string exists, string expected) =>
        Refuses($$"""{"tests":[{"name":"T","threads":[{{Good}}],"final":{"exists":{{exists}} } } ] }""", expected);

    [Fact]
    public void Threads_that_all_wait_to_be_started_are_refused() =>
        Refuses("""{"tests":[{"name":"T","threads":[[{"op":"START","thread":1}],[{"op":"START","thread":0}]]}]}""", "every thread waits");

    [Fact]
    public void A_thread_started_twice_is_refused() =>
        Refuses(
            """{"tests":[{"name":"T","threads":[[{"op":"START","thread":1},{"op":"START","thread":1}],[]]}]}""", "thread 1 is started twice");

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        string message = Assert.Throws<LitmusFormatException>(() => LitmusParser.ParseFile("no/such/file.json")).Message;
        Assert.StartsWith("no/such/file.json: ", message);
    }

    [Fact]
    public void Names_are_kept_in_the_order_of_first_mention()
    {
        LitmusTest test = Assert.Single(LitmusParser.Parse(
            """
            {"tests":[{"name":"T","init":{"p":"&n","n":3},
              "threads":[[{"op":"R","loc":"p","reg":"q"},{"op":"RD","base":"q","reg":"a"}],
                [{"op":"W","loc":"z","val":-1},{"op":"W","loc":"p","val":"&z","ref":true}]]}]}
            """));
        Assert.Equal(["p", "n", "z"], test.Locations);
        Assert.Equal(["q", "a"], test.Threads[0].Registers);
        Assert.Equal([1, 2], test.Objects.Order());
        Assert.Equal("&n", test.Format(test.Initial[0]));
        Assert.Empty(test.Outcomes);
    }

    private static void Refuses(string json, string expected)
    {
        string message = Assert.Throws<LitmusFormatException>(() => LitmusParser.Parse(json)).Message;
        Assert.Contains(expected, message);
        Assert.DoesNotContain('\n', message);
    }
}
