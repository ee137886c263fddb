using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Verify.Checker.MemoryModels;

namespace Verify.Checker.Runtime;

/// <summary>Memory options as words, such as <c>dotnet races=fail plain-points history=4</c>: what schedule files say.</summary>
public static class MemoryOptionsText
{
    /// <summary>The model's name, then whatever differs from the defaults.</summary>
    public static string Format(MemoryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        MemoryModelOptions machine = options.Machine;
        var defaults = new MemoryModelOptions();
        List<string> words = [machine.Model.Name];
        AddIf(options.Races != RaceMode.Off, "races=" + Lower(options.Races));
        AddIf(options.PlainPoints, "plain-points");
        AddIf(machine.Publication != defaults.Publication, "publication=" + Lower(machine.Publication));
        AddIf(machine.CasFail != defaults.CasFail, "cas-fail=" + Lower(machine.CasFail));
        AddIf(machine.LockFence != defaults.LockFence, "lock-fence=" + Lower(machine.LockFence));
        AddIf(machine.Placement != defaults.Placement, "placement=" + Lower(machine.Placement));
        AddIf(machine.History != defaults.History, "history=" + machine.History);
        AddIf(machine.Delay != defaults.Delay, "delay=" + machine.Delay);
        AddIf(machine.Horizon != defaults.Horizon, "horizon=" + machine.Horizon);
        AddIf(machine.StaleBound != defaults.StaleBound, "stale-bound=" + machine.StaleBound);
        return string.Join(' ', words);

        void AddIf(bool differs, string word)
        {
            if (differs)
            {
                words.Add(word);
            }
        }
    }

    /// <summary>Reads what <see cref="Format"/> writes.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out MemoryOptions? options)
    {
        ArgumentNullException.ThrowIfNull(text);
        options = null;
        string[] words = text.Split(' ');
        if (MemoryModel.All.FirstOrDefault(m => m.Name == words[0]) is not { } model)
        {
            return false;
        }

        var machine = new MemoryModelOptions { Model = model };
        RaceMode races = RaceMode.Off;
        bool plainPoints = false;
        foreach (string word in words.Skip(1))
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            string value = word[(equals + 1)..];
            bool isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            switch (equals < 0 ? word : word[..equals])
            {
                case "plain-points" when equals < 0:
                    plainPoints = true;
                    break;
                case "races" when TryName(value, out races):
                    break;
                case "publication" when TryName(value, out Publication publication):
                    machine = machine with { Publication = publication };
                    break;
                case "cas-fail" when TryName(value, out CasFail casFail):
                    machine = machine with { CasFail = casFail };
                    break;
                case "lock-fence" when TryName(value, out LockFence lockFence):
                    machine = machine with { LockFence = lockFence };
                    break;
                case "placement" when TryName(value, out Placement placement):
                    machine = machine with { Placement = placement };
                    break;
                case "history" when isNumber && number >= 2:
                    machine = machine with { History = number };
                    break;
                case "delay" when isNumber && number <= 1024:
                    machine = machine with { Delay = number };
                    break;
                case "horizon" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long horizon):
                    machine = machine with { Horizon = horizon };
                    break;
                case "stale-bound" when isNumber:
                    machine = machine with { StaleBound = number };
                    break;
                default:
                    return false;
            }
        }

        options = new MemoryOptions { Machine = machine, Races = races, PlainPoints = plainPoints };
        return true;
    }

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static bool TryName<T>(string text, out T value)
        where T : struct, Enum
    {
        foreach (T candidate in Enum.GetValues<T>())
        {
            if (Lower(candidate) == text)
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }
}
