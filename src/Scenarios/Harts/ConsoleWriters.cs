using System.Text;
using Verify.Engine.Guest;
using Verify.Scenarios.Translation;

namespace Verify.Scenarios.Harts;

/// <summary>Two harts print at once, through the UART and through HTIF.</summary>
/// <remarks>
/// Invariant: every character comes out once and each hart's in order; of two commands that overwrite each other in tohost, which harts that do not lock
/// must expect, one is lost, but none is carried out twice.
/// </remarks>
public sealed unsafe class ConsoleWriters() : CaseScenario(
    ScenarioCase.Sound("uart-and-htif", "the console has a lock of its own", () => Run(PrintThroughBoth)),
    ScenarioCase.Sound("uart-registers", "a register is read and written under the device's lock", () => Run(UseRegisters)),
    ScenarioCase.Sound("two-on-htif", "a command is read, carried out and taken back under one lock", () => Run(CommandTwice)),
    ScenarioCase.Mutant(
        "a-lock-each", "each device locks the writer for itself alone", Lost,
        () => Run(platform => Print(platform, new Uart16550(new GuestConsole(platform.Text))))))
{
    private const string Lost = "was printed as";
    private const int Scratch = 7, LineStatus = 5;
    private const ulong PutCharacter = 0x0101UL << 48, ToHost = GuestCode.Start, Call = ToHost + 64, String = ToHost + 128;

    public override string Name => "console-writers";

    public override string Summary => "two harts print through a UART and through HTIF";

    public override string Source => "riscv-isa-sim fesvr/device.cc; National Semiconductor PC16550D; docs/mutation.md";

    private static void Run(Action<Platform> body)
    {
        using Platform platform = new();
        body(platform);
    }

    private static void PrintThroughBoth(Platform platform)
    {
        // write(1, "fg", 2)
        (ulong[] call, byte[] text) = ([64, 1, String, 2], "fg"u8.ToArray());
        for (int i = 0; i < call.Length; i++)
        {
            BitConverter.TryWriteBytes(platform.Ram.Slice(Call + (8 * (ulong)i), 8), call[i]);
        }

        text.CopyTo(platform.Ram.Slice(String, 2));
        RunActors(
            ("hart0", () => Put(platform.Uart, "ab")),
            ("hart1", () =>
            {
                platform.Command(PutCharacter | 'e');
                platform.Command(Call);
            }
        ));
        CheckPrinted(platform, "ab", "efg");
        Check(BitConverter.ToUInt64(platform.Ram.Slice(Call, 8)) == 2, "write has not answered how much it has written");
    }

    private static void UseRegisters(Platform platform)
    {
        ulong[] read = new ulong[2];
        RunActors([.. Enumerable.Range(0, 2).Select(hart => ($"hart{hart}", (Action)(() => Use(hart))))]);
        CheckPrinted(platform, "0", "1");
        Check(read.All(value => value is 1 or 2), $"the scratch register was read as {read[0]} and {read[1]}, and 1 and 2 were written");

        void Use(int hart)
        {
            platform.Uart.TryWrite(Scratch, 1, (ulong)(hart + 1));
            platform.Uart.TryRead(Scratch, 1, out read[hart]);
            Check(platform.Uart.TryRead(LineStatus, 1, out ulong status) && status == 0x60, "the transmitter is not ready");
            Put(platform.Uart, $"{hart}");
        }
    }

    private static void CommandTwice(Platform platform)
    {
        RunActors(
            ("hart0", () => platform.Command(PutCharacter | 'a')),
            ("hart1", () => platform.Command(PutCharacter | 'b')));
        string text = platform.Text.ToString();
        Check(text is "a" or "b" or "ab" or "ba", $"of two commands to print a and b came '{text}'");
        Check(platform.Pending == 0, "a command was not carried out");
    }

    private static void Print(Platform platform, Uart16550 other)
    {
        RunActors(
            ("hart0", () => Put(platform.Uart, "ab")),
            ("hart1", () => Put(other, "cd")));
        CheckPrinted(platform, "ab", "cd");
    }

    private static void Put(Uart16550 uart, string text)
    {
        foreach (char character in text)
        {
            uart.TryWrite(0, 1, character);
        }
    }

    private static void CheckPrinted(Platform platform, string first, string second)
    {
        string text = platform.Text.ToString();
        bool isWhole = new string([.. text.Where(first.Contains)]) == first && new string([.. text.Where(second.Contains)]) == second;
        Check(isWhole && text.Length == first.Length + second.Length, $"'{first}' and '{second}' {Lost} '{text}'");
    }

    /// <summary>The devices, without harts.</summary>
    private sealed class Platform : IDisposable
    {
        private readonly Htif _htif;

        internal Platform()
        {
            GuestConsole console = new(Text);
            Uart = new Uart16550(console);
            _htif = new Htif(Ram, new GuestImage("scenario", GuestCode.Start, ToHost, null, []), console);
        }

        internal GuestRam Ram { get; } = new(GuestCode.Start, GuestRam.PageSize);

        internal UnsharedWriter Text { get; } = new();

        internal Uart16550 Uart { get; }

        internal ulong Pending => Volatile.Read(ref *(ulong*)Ram.Bytes);

        /// <summary>What a hart's store to tohost does.</summary>
        internal void Command(ulong command)
        {
            Volatile.Write(ref *(ulong*)Ram.Bytes, command);
            _htif.Command(sizeof(ulong));
        }

        public void Dispose() => Ram.Dispose();
    }

    /// <summary>A writer for one thread at a time: two at once overwrite each other's characters.</summary>
    private sealed class UnsharedWriter : TextWriter
    {
        private readonly char[] _text = new char[16];
        private int _count; // volatile, so that another writer can come in between; of one writer at a time

        public override Encoding Encoding => Encoding.Latin1;

        public override void Write(char value)
        {
            int at = Volatile.Read(ref _count);
            _text[at] = value;
            Volatile.Write(ref _count, at + 1);
        }

        public override void Write(string? value)
        {
            foreach (char character in value ?? "")
            {
                Write(character);
            }
        }

        public override string ToString() => new(_text, 0, Volatile.Read(ref _count));
    }
}
