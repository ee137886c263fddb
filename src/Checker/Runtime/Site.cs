namespace Verify.Checker.Runtime;

/// <summary>One call or access that the rewriter redirected: where it stands in the source and in the method.</summary>
/// <param name="Method">Full name of the containing method, in the form <c>Namespace.Type.Method(ParamType,…)</c>.</param>
/// <param name="Ordinal">Number of the site within the method, from 0, in IL order.</param>
/// <param name="Operation">What is redirected, in the form <c>Volatile.Read</c>.</param>
/// <param name="File">Source file name as in the symbols, or empty.</param>
/// <param name="Line">Source line, from 1; 0 when there are no symbols.</param>
public sealed record Site(string Method, int Ordinal, string Operation, string File, int Line)
{
    /// <summary>
    /// What it works on, as far as the IL tells: a field, a static, an array's or a pointer's elements, a captured variable, a parameter, such as
    /// <c>Machine._tbLock</c>; otherwise empty. For people: two objects of one type have the same name.
    /// </summary>
    public string Location { get; init; } = "";

    /// <summary>Name that survives unrelated edits of the program: method and ordinal.</summary>
    public string StableName => Method + "#" + Ordinal;

    /// <summary>64-bit FNV-1a hash of <see cref="StableName"/> and <see cref="Operation"/>; what digests are made of.</summary>
    public ulong StableId { get; } = Fnv.Hash(Method + "#" + Ordinal + " " + Operation);

    /// <summary>Short form for people: <c>TbLinker.cs:44</c>, or the method when there are no symbols.</summary>
    public string Place => Line > 0 ? Path.GetFileName(File) + ":" + Line : StableName;
}
