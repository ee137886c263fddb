using Mono.Collections.Generic;

namespace Verify.Rewriter.Il;

internal static class Collections
{
    internal static void AddRange<T>(this Collection<T> collection, IEnumerable<T> items)
    {
        foreach (T item in items)
        {
            collection.Add(item);
        }
    }
}
