using Verify.Cli.Runs;
using Verify.Engine.Auditing;
using Verify.Engine.Display;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Display;

/// <summary>Displays of guests that draw on two vCPUs meanwhile. Pictures are compared while the vCPUs are paused, so that nobody draws in between.</summary>
public sealed class DisplayTests
{
    public static TheoryData<string, string> GuestsAndSources
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string guest in new[] { "display", "display-alias", "display-remap" })
            {
                foreach (string source in DisplayRecorder.Sources)
                {
                    data.Add(guest, source);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(GuestsAndSources))]
    public void A_picture_made_of_dirty_lines_equals_a_full_redraw(string guest, string source)
    {
        (List<bool> equal, DisplayClient display) = Watch(guest, source);
        Assert.All(equal, Assert.True);
        Assert.NotEqual(new uint[display.Surface.Length], display.Surface);
    }

    [Fact]
    public void Only_lines_that_were_drawn_are_drawn_again()
    {
        using Machine machine = Make("display");
        using DisplayClient display = new(machine, machine.Framebuffer!, new DirtyMemoryLines(machine));
        Assert.Equal(-1, display.Refresh()); // there is no picture yet
        machine.Run();
        Assert.Equal(120, display.Refresh());
        Assert.Equal(0, display.Refresh());
        LinearFramebuffer picture = display.Picture!.Value;
        ulong line = picture.Address + (64 * (ulong)picture.Stride); // on a page border: its page holds 6 lines and a part of a seventh
        Assert.Equal(0UL, line % GuestRam.PageSize);
        Assert.True(machine.DmaWrite(line, new byte[] { 1, 2, 3, 4 }));
        Assert.Equal(7, display.Refresh());
        Assert.Equal(0x030201u, display.Surface[64 * picture.Width]);
    }

    [Fact]
    public void A_scan_of_page_tables_backs_off_while_a_second_mapping_is_used_and_never_else()
    {
        Assert.True(Watch("display-alias", DisplayRecorder.ByPageTables).Display.Comparisons > 2);
        // It compares until a vCPU has stored and so told the mapping; then no more.
        DisplayClient display = Watch("display", DisplayRecorder.ByPageTables).Display;
        Assert.Equal(display.Comparisons, display.LastComparison);
        Assert.True(display.Refreshes > display.Comparisons);
    }

    private static (List<bool> Equal, DisplayClient Display) Watch(string guest, string source)
    {
        using Machine machine = Make(guest);
        Thread run = new(machine.Run) { IsBackground = true };
        ILineSource lines = source switch
        {
            DisplayRecorder.ByDirtyMemory => new DirtyMemoryLines(machine),
            DisplayRecorder.ByPageTables => new PageTableLines(machine),
            _ => new NoLineSource(),
        };
        using DisplayClient display = new(machine, machine.Framebuffer!, lines);
        List<bool> equal = [];
        run.Start();
        while (!machine.HasEnded)
        {
            display.Refresh(); // beside stores
            machine.PauseAllCpus();
            if (display.Refresh() >= 0)
            {
                equal.Add(display.FullRedraw().AsSpan().SequenceEqual(display.Surface));
            }

            machine.ResumeAllCpus();
            Thread.Yield();
        }

        run.Join();
        display.Refresh();
        equal.Add(display.FullRedraw().AsSpan().SequenceEqual(display.Surface));
        Assert.Equal(0, machine.ExitCode);
        return (equal, display);
    }

    private static Machine Make(string guest) => InvalidationCatalog.Find("per-cpu-flag").Create<PlainMemory, NoAudit>(
        Guests.Load(guest), new MachineOptions { Cpus = 2, RamSize = 2 << 20, DirtyMemory = "rcu-blocks", DirtyBlockPages = 64, HasFramebuffer = true });
}
