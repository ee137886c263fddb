using Verify.Engine.Display;
using Verify.Engine.Execution;

namespace Verify.Cli.Runs;

/// <summary>Refreshes a guest's display while it runs and writes each picture that differs from the last as a PNG file.</summary>
/// <remarks>The guest may change machines: each has a display of its own, and the pictures go on.</remarks>
internal sealed class DisplayRecorder(string folder, string source) : IDisposable
{
    internal const string ByDirtyMemory = "dirty-memory", ByPageTables = "page-tables", ByComparison = "compare";

    private Machine? _machine;
    private DisplayClient? _display;

    /// <summary>The ways to learn what was drawn, as the command line spells them.</summary>
    internal static IReadOnlyList<string> Sources { get; } = [ByDirtyMemory, ByPageTables, ByComparison];

    internal int Pictures { get; private set; }

    internal long Refreshes { get; private set; }

    internal long LinesDrawn { get; private set; }

    internal long Comparisons { get; private set; }

    /// <summary>Draws what has changed.</summary>
    internal void Refresh(Machine machine)
    {
        if (machine != _machine)
        {
            Leave();
            _machine = machine;
            _display = new DisplayClient(machine, machine.Framebuffer!, source switch
            {
                ByDirtyMemory => new DirtyMemoryLines(machine),
                ByPageTables => new PageTableLines(machine),
                _ => new NoLineSource(),
            });
        }

        Refreshes++;
        if (_display!.Refresh() > 0)
        {
            Pictures++;
            PngFile.Write(Path.Combine(folder, $"frame-{Pictures:0000}.png"), _display.Surface, _display.Picture!.Value.Width);
        }
    }

    /// <summary>The guest has ended: a last refresh, and what it shows is compared with a full redraw.</summary>
    /// <returns>What differs, in words; null if nothing does.</returns>
    /// <exception cref="InputException">The guest has shown nothing.</exception>
    internal string? Finish(Machine machine)
    {
        Refresh(machine);
        if (_display!.Picture is not { } picture)
        {
            throw new InputException(
                "the guest has shown no picture: it must write address, width, height and stride to the display's registers at "
                + $"0x{FramebufferDevice.Address:x}, as guests/bin/display.elf does");
        }

        int differs = _display.FullRedraw().AsSpan().CommonPrefixLength(_display.Surface);
        Leave();
        return differs == picture.Width * picture.Height
            ? null
            : $"the display shows another picture than memory holds, from line {differs / picture.Width} on";
    }

    public void Dispose() => Leave();

    private void Leave()
    {
        LinesDrawn += _display?.LinesDrawn ?? 0;
        Comparisons += _display?.Comparisons ?? 0;
        _display?.Dispose();
        _display = null;
    }
}
