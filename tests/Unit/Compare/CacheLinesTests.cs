using Verify.Cli.Compare;

namespace Verify.Tests.Unit.Compare;

/// <summary>The cache lines an event writes are counted exactly, and the same whenever they are counted.</summary>
public sealed class CacheLinesTests
{
    private static readonly CacheLines s_lines = new();

    /// <summary>What the designs' own texts say that they write.</summary>
    [Theory]
    [InlineData("client-bitmaps", "set", 1)]          // a word of the client's bitmap
    [InlineData("client-bitmaps", "setAll", 3)]       // one of each client's
    [InlineData("client-bitmaps", "test", 0)]
    [InlineData("client-bitmaps", "clear", 1)]
    [InlineData("client-bitmaps", "sync", 17)]        // 512 bytes of bitmap, and 512 bytes and a header of the destination
    [InlineData("byte-flags", "setAll", 1)]           // the page's byte
    [InlineData("byte-flags", "sync", 73)]            // 4,096 bytes of flags, of which every line has a dirty page, and the destination
    [InlineData("byte-flags-summary-bit", "set", 2)]  // the byte and the bit of its group
    [InlineData("master-bitmap", "set", 1)]           // the master's word
    [InlineData("rcu-blocks", "test", 1)]             // the reader's phase
    [InlineData("rcu-blocks", "set", 2)]              // and the bitmap
    public void A_design_writes_the_lines_it_says(string design, string name, int lines) => Assert.Equal(lines, Count("dirty", name, design));

    [Theory]
    [InlineData("exclusive-flush/exclusive/recycled", 1)] // the vCPU
    [InlineData("per-cpu-flag/exclusive/recycled", 2)]    // and TbLock
    [InlineData("global-flag/exclusive/recycled", 3)]     // and the flag, which is the machine's
    public void A_turn_of_the_main_loop_writes_the_lock_and_what_the_strategy_keeps(string strategy, int lines) =>
        Assert.Equal(lines, Count("strategy", "turn", strategy));

    [Fact]
    public void A_flush_with_marks_writes_two_lines_for_each_block_more()
    {
        Assert.Equal(0, Count("strategy", "flush100", "per-cpu-flag") - Count("strategy", "flush1", "per-cpu-flag"));
        Assert.Equal(2 * 99, Count("strategy", "flush100", "valid-marker") - Count("strategy", "flush1", "valid-marker"));
    }

    [Fact]
    public void A_read_section_writes_its_phase() => Assert.All(Compared.With([], [], []).RcuVariants, variant => Assert.Equal(1, Count("rcu", "read", variant)));

    [Fact]
    public void Counted_again_by_another_copy_of_the_program_it_is_the_same()
    {
        var other = new CacheLines();
        foreach ((string group, string name, string design) in
            ((string, string, string)[])[("strategy", "invalidate", "valid-marker"), ("strategy", "flush1", "per-cpu-flag"), ("dirty", "sync", "master-bitmap")])
        {
            Assert.Equal(s_lines.Of(group, name, design), other.Of(group, name, design));
        }
    }

    private static int Count(string group, string name, string design) => (int)s_lines.Of(group, name, design).Value;
}
