using Verify.Engine.Auditing;
using Verify.Engine.Execution;
using Verify.Engine.Guest;
using Verify.Engine.Invalidation;
using Verify.Engine.Memory;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Memory;

/// <summary>Somebody keeps a copy of the list of RAM blocks, and looks again only if its version has changed; blocks go, grow and come.</summary>
/// <remarks>
/// Invariant: a copy of the last version is that of the last list. A version is read before the blocks, and told after them.
/// Found missing by <c>verify mutate</c>: elsewhere the list is read under its lock.
/// </remarks>
public sealed class RamListWatcher() : CaseScenario(
    ScenarioCase.Sound("version-first", "the version is read before the blocks, which have changed before it", () => Run(VersionFirst)),
    ScenarioCase.Mutant("version-last", "what changes between the blocks and the version is never looked at", Missed, () => Run(VersionLast)))
{
    private const string Missed = "has missed a change";

    private static readonly GuestImage s_guest = GuestCode.Image(GuestCode.Jump(0));

    public override string Name => "ram-list-watcher";

    public override string Summary => "a device keeps a copy of the list of RAM while two blocks go, one comes and two grow";

    public override string Source => "QEMU ram_list.version and ram_save_setup (physmem.c, ram.c); docs/mutation.md";

    private static void Run(Func<RamList, (long Version, string Blocks)> look)
    {
        using Machine machine = InvalidationCatalog.Find("per-cpu-flag").Create<OrderedMemory, NoAudit>(
            s_guest,
            new MachineOptions { RamSize = GuestRam.PageSize, MaxRamSize = 7 * GuestRam.PageSize, TbCapacity = 4, JumpCacheBits = 1 });
        RamList list = machine.Ram.Others!;
        RamBlock first = machine.AddRam("a", GuestRam.PageSize), second = machine.AddRam("b", GuestRam.PageSize);
        RamBlock third = machine.AddRam("c", GuestRam.PageSize, maxSize: 2 * GuestRam.PageSize);
        (long Version, string Blocks) seen = default, again = default;
        RunActors(
            ("plugger", () =>
            {
                machine.RemoveRam(first);
                machine.RemoveRam(second); // beside the reclaimer, which takes the first one off the list; as what follows
                machine.ResizeRam(third, 2 * GuestRam.PageSize);
                machine.ResizeRam(machine.AddRam("d", GuestRam.PageSize, maxSize: 2 * GuestRam.PageSize), 2 * GuestRam.PageSize); // the last change
            }
        ),
            ("device", () =>
            {
                seen = look(list);
                again = look(list);
                _ = machine.NextRamStart;
            }
        ));
        list.Rcu.Drain();
        string last = Text(list);
        foreach ((long version, string blocks) in new[] { seen, again })
        {
            Check(version != list.Version || blocks == last, $"who has seen version {version} {Missed}: it has '{blocks}' where there is '{last}'");
        }

        Check(last == "c 2 d 2 ", $"the blocks are '{last}'");
    }

    private static (long Version, string Blocks) VersionFirst(RamList list)
    {
        long version = list.Version;
        return (version, Text(list));
    }

    private static (long Version, string Blocks) VersionLast(RamList list)
    {
        string blocks = Text(list);
        return (list.Version, blocks);
    }

    private static string Text(RamList list) => string.Concat(list.Blocks.Select(block => $"{block.Name} {block.UsedPages} "));
}
