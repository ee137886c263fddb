using FsCheck;
using FsCheck.Fluent;
using Verify.Tests.Unit.Engine;

namespace Verify.Tests.Unit.Fuzz;

/// <summary>
/// Random guests that compute: any arithmetic on any register, loads and stores around a few addresses, short loops, calls and returns. Unlike
/// those of
/// <see cref="FuzzProgram.Generator"/> they rarely trap, so that registers are moved between guest and host, kept in loops, and written back.
/// </summary>
internal static class DenseProgram
{
    // x5 to x8 point somewhere and are not written; x9 counts; the rest is for arithmetic.
    private const int FirstPointer = 5, LastPointer = 8, Counter = 9;

    public static Gen<FuzzProgram> Generator { get; } =
        from blocks in Block.NonEmptyListOf()
        from program in FuzzProgram.Generator
        select program with
        {
            Code = [.. blocks.SelectMany(words => words)],
            Registers = [.. program.Registers.Select((r, i) => i <= LastPointer - FirstPointer && r > 6 && r is not (15 or 17 or 18) ? r % 5 : r)],
            Setup = (byte)(program.Setup % 4 == 0 ? program.Setup : program.Setup & 0x83),
        };

    private static Gen<int> Any => Gen.Choose(0, 31).Select(r => r is >= FirstPointer and <= Counter ? r + 10 : r);

    private static Gen<int> Source => Gen.Choose(0, 31);

    private static Gen<int> Immediate => Gen.OneOf(Gen.Choose(-2048, 2047), Gen.Elements(0, 1, -1, 255, 4));

    private static Gen<uint> Operation => Gen.Frequency(
        (4, from rd in Any from a in Source from imm in Immediate from f in Gen.Elements(0u, 2u, 3u, 4u, 6u, 7u) select Guests.I(imm, f, 0x13, rd, a)),
        (2, from rd in Any
            from a in Source
            from n in Gen.Choose(0, 63)
            from f in Gen.Elements(0x0001u, 0x0005u, 0x4005u)
            select Guests.I(n, f & 7, 0x13, rd, a) | ((f >> 14) << 30)),
        (2, from rd in Any
            from a in Source
            from n in Gen.Choose(0, 31)
            from f in Gen.Elements(0x0001u, 0x0005u, 0x4005u)
            select Guests.I(n, f & 7, 0x1b, rd, a) | ((f >> 14) << 30)),
        (1, from rd in Any from a in Source from imm in Immediate select Guests.I(imm, 0, 0x1b, rd, a)),
        (6, from rd in Any
            from a in Source
            from b in Source
            from f in Gen.Choose(0, 7)
            from minus in Gen.Elements(0u, 32u)
            select Guests.R(f is 0 or 5 ? minus : 0, (uint)f, 0x33, rd, a, b)),
        (3, from rd in Any
            from a in Source
            from b in Source
            from f in Gen.Elements(0u, 1u, 5u)
            from minus in Gen.Elements(0u, 32u)
            select Guests.R(f is 0 or 5 ? minus : 0, f, 0x3b, rd, a, b)),
        (3, from rd in Any
            from a in Source
            from b in Source
            from f in Gen.Choose(0, 7)
            from wide in Gen.Elements(0x33u, 0x3bu)
            select Guests.R(1, wide == 0x3b && f is 1 or 2 or 3 ? 0 : (uint)f, wide, rd, a, b)),
        (1, from rd in Any
            from high in Gen.Choose(0, (1 << 20) - 1)
            from opcode in Gen.Elements(0x37u, 0x17u)
            select ((uint)high << 12) | ((uint)rd << 7) | opcode),
        (5, from rd in Any
            from at in Gen.Choose(FirstPointer, LastPointer)
            from f in Gen.Choose(0, 6)
            from imm in Gen.Choose(-64, 511)
            from odd in Gen.Frequency((6, Gen.Constant(7)), (1, Gen.Constant(0)))
            select Guests.I(imm & ~odd, (uint)f, 3, rd, at)),
        (4, from value in Source
            from at in Gen.Choose(FirstPointer, LastPointer)
            from f in Gen.Choose(0, 3)
            from imm in Gen.Choose(64, 1023)
            from odd in Gen.Frequency((6, Gen.Constant(7)), (1, Gen.Constant(0)))
            select Guests.S(imm & ~odd, (uint)f, at, value)),
        (1, Gen.Constant(0x0ff0_000fu)));

    private static Gen<uint[]> Block => Gen.OneOf(
        Operation.ArrayOf(),
        from words in Operation.ArrayOf(6) from times in Gen.Choose(1, 9) select Loop(words, times),
        from words in Operation.ArrayOf(2) from times in Gen.Choose(1, 30) select Loop(words, times),
        from words in Operation.ArrayOf(3)
        from a in Source
        from b in Source
        from f in Gen.Elements(0u, 1u, 4u, 5u, 6u, 7u)
        select (uint[])[Guests.B(4 * (words.Length + 1), f, a, b), .. words],
        from words in Operation.ArrayOf(3) select Call(words));

    // The block that ends with the branch begins at its target: it is one that jumps to itself.
    private static uint[] Loop(uint[] words, int times) =>
        [Guests.Addi(Counter, 0, times), .. words, Guests.Addi(Counter, Counter, -1), Guests.B(-4 * (words.Length + 1), 1, Counter, 0)];

    // jal over a function, which returns; then on.
    private static uint[] Call(uint[] words) =>
        [Guests.J(8, 1), Guests.J(4 * (words.Length + 2), 0), .. words, Guests.I(0, 0, 0x67, 0, 1)];
}
