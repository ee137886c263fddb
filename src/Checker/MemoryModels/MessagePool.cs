namespace Verify.Checker.MemoryModels;

/// <summary>All messages of an execution in one array, linked by index. Dropped cells are used again; forgetting all of them is one store.</summary>
internal sealed class MessagePool
{
    private Message[] _cells = new Message[256];
    private int _used;
    private int _free = -1;  // list of dropped cells, linked by Older

    internal ref Message this[int index] => ref _cells[index];

    /// <summary>References into the pool are invalid after it.</summary>
    internal int Take()
    {
        int index = _free;
        if (index >= 0)
        {
            _free = _cells[index].Older;
            return index;
        }

        if (_used == _cells.Length)
            Array.Resize(ref _cells, _used * 2);
        return _used++;
    }

    internal void Drop(int index)
    {
        _cells[index].Older = _free;
        _free = index;
    }

    internal void Clear()
    {
        _used = 0;
        _free = -1;
    }
}
