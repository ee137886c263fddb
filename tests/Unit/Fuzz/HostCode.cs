using System.Text;
using Iced.Intel;
using Verify.Engine.Backends.X64;
using Verify.Engine.Execution;
using Verify.Engine.Translation;

namespace Verify.Tests.Unit.Fuzz;

/// <summary>The machine code of a machine's blocks, for failure messages.</summary>
internal static unsafe class HostCode
{
    /// <returns>Empty if the machine interprets.</returns>
    public static string Of(Machine machine)
    {
        StringBuilder text = new();
        foreach (TranslationBlock tb in machine.Tb.Arena.Live())
        {
            if (tb.Code.Native is { } native)
            {
                text.AppendLine($"{tb}, {tb.Code.Ops.Length} operations:");
                Disassemble(native, text);
            }
        }

        return text.ToString();
    }

    private static void Disassemble(NativeCode native, StringBuilder text)
    {
        byte[] bytes = new ReadOnlySpan<byte>(native.Memory.At(native.Entry), native.CodeLength).ToArray();
        Iced.Intel.Decoder decoder = Iced.Intel.Decoder.Create(64, bytes, (ulong)native.Memory.At(native.Entry));
        NasmFormatter formatter = new();
        StringOutput line = new();
        foreach (Instruction instruction in decoder)
        {
            formatter.Format(instruction, line);
            text.AppendLine($"  {instruction.IP:x} op {native.OpAt((int)(instruction.IP - (ulong)native.Memory.At(native.Entry)))}  {line.ToStringAndReset()}");
        }
    }
}
