namespace Verify.Checker.Runtime;

/// <summary>The operation a thread performs as soon as it is chosen.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Address">Raw address of the location, or the number of the lock or thread it is about; 0 for none. Not stable between runs.</param>
/// <param name="Site">Where it stands; see <see cref="SiteTable"/>.</param>
public readonly record struct PendingOperation(OperationKind Kind, nuint Address, int Site);
