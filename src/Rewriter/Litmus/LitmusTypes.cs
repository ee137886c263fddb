using Verify.Checker.MemoryModels.Litmus;

namespace Verify.Rewriter.Litmus;

/// <summary>Which locations and registers of a litmus test hold references: C# has types where litmus tests have none.</summary>
internal sealed class LitmusTypes
{
    private readonly LitmusTest _test;
    private readonly bool[] _location;
    private readonly bool[][] _register;
    private bool _changed;

    internal LitmusTypes(LitmusTest test)
    {
        _test = test;
        _location = [.. test.Initial.Select(v => LitmusTest.Referent(v) >= 0)];
        _register = [.. test.Threads.Select(t => new bool[t.Registers.Count])];
        do
        {
            _changed = false;
            for (int thread = 0; thread < test.Threads.Count; thread++)
            {
                foreach (LitmusOperation operation in test.Threads[thread].Operations)
                    Infer(thread, operation);
            }

            // What is read through a reference may be the field of any object, so the objects are of one kind.
            if (test.Objects.Any(o => _location[o]))
            {
                foreach (int o in test.Objects)
                    Mark(ref _location[o]);
            }
        }
        while (_changed);
    }

    /// <summary>Whether the objects' fields hold references.</summary>
    internal bool ObjectsHoldReferences => _test.Objects.Any(o => _location[o]);

    internal bool Location(int location) => _location[location];

    internal bool Register(int thread, int register) => _register[thread][register];

    private void Infer(int thread, LitmusOperation op)
    {
        switch (op.Opcode)
        {
            case LitmusOpcode.R:
                Same(ref _register[thread][op.Register], ref _location[op.Location]);
                break;
            case LitmusOpcode.W:
                Flow(thread, op.Value, ref _location[op.Location]);
                break;
            case LitmusOpcode.RD:
                Mark(ref _register[thread][op.Base]);
                if (ObjectsHoldReferences)
                    Mark(ref _register[thread][op.Register]);
                break;
            case LitmusOpcode.WD:
                Mark(ref _register[thread][op.Base]);
                bool objects = ObjectsHoldReferences;
                Flow(thread, op.Value, ref objects);
                if (objects)
                {
                    foreach (int o in _test.Objects)
                        Mark(ref _location[o]);
                }

                break;
            case LitmusOpcode.XCHG or LitmusOpcode.CAS or LitmusOpcode.ADD:
                Flow(thread, op.Value, ref _location[op.Location]);
                if (op.Opcode == LitmusOpcode.CAS)
                    Flow(thread, op.Comparand, ref _location[op.Location]);
                Same(ref _register[thread][op.Register], ref _location[op.Location]);
                break;
            case LitmusOpcode.BNE:
                Flow(thread, op.Value, ref _register[thread][op.Register]);
                break;
        }
    }

    private void Flow(int thread, LitmusOperand operand, ref bool target)
    {
        if (operand.Register >= 0)
            Same(ref _register[thread][operand.Register], ref target);
        else if (LitmusTest.Referent(operand.Value) >= 0)
            Mark(ref target);
    }

    private void Same(ref bool a, ref bool b)
    {
        if (a != b)
        {
            a = b = true;
            _changed = true;
        }
    }

    private void Mark(ref bool flag)
    {
        _changed |= !flag;
        flag = true;
    }
}
