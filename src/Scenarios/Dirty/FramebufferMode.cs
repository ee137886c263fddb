using Verify.Engine.Display;

namespace Verify.Scenarios.Dirty;

/// <summary>A guest changes the mode of its framebuffer, a register after the other, while the display looks which picture to show.</summary>
/// <remarks>Invariant: the display sees the picture as it was before or after some register, and never one that the guest has not described.</remarks>
public sealed class FramebufferMode() : CaseScenario(
    ScenarioCase.Sound("under-lock", "the picture is read under the lock of the registers", () => Run(device => device.Picture)),
    ScenarioCase.Mutant(
        "register-by-register", "a register is read before the change and another after it", "which the guest has never described", () => Run(ReadOneByOne)))
{
    private const ulong Frames = 32;

    // Address, width, height, stride; and the order in which the guest changes them.
    private static readonly ulong[] s_old = [0x1000, 1, 1, 4], s_new = [0x2000, 2, 2, 8];
    private static readonly int[] s_order = [3, 1, 2, 0];

    public override string Name => "framebuffer-mode";

    public override string Summary => "a vCPU changes the mode of the framebuffer while the display looks at it";

    public override string Source => "QEMU ramfb_fw_cfg_write (hw/display/ramfb.c); docs/mutation.md";

    private static void Run(Func<FramebufferDevice, LinearFramebuffer?> look)
    {
        FramebufferDevice device = new();
        for (int i = 0; i < s_old.Length; i++)
        {
            device.TryWrite(8 * (ulong)i, 8, s_old[i]);
        }

        List<LinearFramebuffer> described = [Of(s_old)];
        ulong[] registers = [.. s_old];
        foreach (int register in s_order)
        {
            registers[register] = s_new[register];
            described.Add(Of(registers));
        }

        RunActors(
            ("vcpu", () =>
            {
                foreach (int register in s_order)
                {
                    device.TryWrite(8 * (ulong)register, 8, s_new[register]);
                }

                device.TryWrite(Frames, 8, 1);
                device.TryRead(0, 8, out ulong address);
                Check(address == s_new[0], $"the guest wrote address {s_new[0]:x} and read {address:x}");
            }
        ),
            ("display", () =>
            {
                ulong frames = device.Frames;
                LinearFramebuffer? seen = look(device);
                Check(seen is { } picture && described.Contains(picture), $"the display sees {seen}, which the guest has never described");
                Check(frames == 0 || seen == described[^1], $"a frame is finished, and the display sees {seen}");
            }
        ));
    }

    private static LinearFramebuffer? ReadOneByOne(FramebufferDevice device)
    {
        ulong[] registers = new ulong[s_old.Length];
        foreach (int i in s_order)
        {
            device.TryRead(8 * (ulong)i, 8, out registers[i]);
        }

        return Of(registers);
    }

    private static LinearFramebuffer Of(ulong[] registers) => new(registers[0], (int)registers[1], (int)registers[2], (int)registers[3]);
}
