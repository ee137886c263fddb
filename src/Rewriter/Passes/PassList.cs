namespace Verify.Rewriter.Passes;

/// <summary>The passes, in the order in which each method goes through them.</summary>
internal static class PassList
{
    internal static IReadOnlyList<IRewritePass> For(RewriteOptions options)
    {
        if (options.OnlyDelays)
        {
            return [new DelayPass()];
        }

        List<IRewritePass> passes =
        [
            // First, because it judges what the programmer wrote; a check put before a call leaves the call itself for the passes below.
            new RefuseUncontrolledPass(),

            // Before the accesses: it replaces calls, whose arguments the passes below may have to spill into locals.
            new RedirectCallsPass(),

            // Before the plain accesses: what it takes no longer looks like an access.
            new VolatilePrefixPass(),
        ];
        if (options.PlainAccesses)
        {
            // After the volatile ones: every access still left is plain.
            passes.Add(new PlainAccessPass());
        }

        // Last: a handler must begin with the check, ahead of whatever the passes above put at its start.
        passes.Add(new CatchAbortPass());
        return passes;
    }
}
