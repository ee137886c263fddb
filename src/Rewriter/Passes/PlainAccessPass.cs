using Verify.Rewriter.Il;

namespace Verify.Rewriter.Passes;

internal sealed class PlainAccessPass : IRewritePass
{
    public void Run(MethodEditor method) => throw new NotImplementedException();
}
