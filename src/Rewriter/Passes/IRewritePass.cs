using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

/// <summary>One idea applied to one method body.</summary>
internal interface IRewritePass
{
    void Run(MethodEditor method);
}
