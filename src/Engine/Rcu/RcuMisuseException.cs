namespace Verify.Engine.Rcu;

/// <summary>A caller broke a rule of <see cref="RcuDomain{TVariant}"/>: leave without enter, grace period inside a section, and so on.</summary>
public sealed class RcuMisuseException(string message) : InvalidOperationException(message);
