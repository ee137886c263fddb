namespace Verify.Rewriter.Mutation;

/// <summary>One small defect to be put into an assembly before it is rewritten.</summary>
/// <param name="Operator">Name in <see cref="MutationCatalog"/>.</param>
/// <param name="Method">Containing method, in the form of <see cref="Checker.Runtime.Site.Method"/>.</param>
/// <param name="Ordinal">Which of the operator's places in the method, from 0 in IL order.</param>
public sealed record Mutation(string Operator, string Method, int Ordinal);

/// <summary>A place where an operator can be applied.</summary>
/// <param name="Mutation">What to apply.</param>
/// <param name="File">Source file as in the symbols, or empty.</param>
/// <param name="Line">Source line, from 1; 0 without symbols.</param>
/// <param name="What">What is there, as <c>Interlocked.Increment</c>.</param>
/// <param name="Body">Hash of the method's IL: what was found of a defect holds while it stays the same.</param>
public sealed record MutationSite(Mutation Mutation, string File, int Line, string What, string Body = "");
