using Mono.Cecil;
using Mono.Cecil.Cil;
using Verify.Checker.MemoryModels.Litmus;

namespace Verify.Rewriter.Litmus;

/// <summary>One litmus test as a class: a static field a location, a static method a thread, as a C# compiler would write them.</summary>
internal sealed class LitmusEmitter
{
    private readonly LitmusTest _test;
    private readonly LitmusTypes _types;
    private readonly LitmusMembers _members;
    private readonly TypeDefinition _class;
    private readonly FieldDefinition _run;
    private readonly FieldDefinition?[] _location;
    private readonly int[] _firstRegister;

    internal LitmusEmitter(LitmusTest test, string name, LitmusMembers members)
    {
        _test = test;
        _types = new LitmusTypes(test);
        _members = members;
        _class = new TypeDefinition("Litmus", name, TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed, members.Object);
        _run = new FieldDefinition("run", FieldAttributes.Private | FieldAttributes.Static | FieldAttributes.InitOnly, members.Run);
        _class.Fields.Add(_run);
        _location = new FieldDefinition?[test.Locations.Count];
        for (int l = 0; l < _location.Length; l++)
        {
            if (test.Objects.Contains(l))
                continue;
            _location[l] = new FieldDefinition(
                test.Locations[l], FieldAttributes.Private | FieldAttributes.Static, _types.Location(l) ? members.Cell : members.Int64);
            _class.Fields.Add(_location[l]);
        }

        _firstRegister = new int[test.Threads.Count];
        for (int t = 1; t < _firstRegister.Length; t++)
            _firstRegister[t] = _firstRegister[t - 1] + test.Threads[t - 1].Registers.Count;
    }

    internal TypeDefinition Emit(string runName)
    {
        EmitConstructor(runName);
        MethodDefinition[] threads = [.. Enumerable.Range(0, _test.Threads.Count).Select(EmitThread)];
        EmitMain(threads);
        return _class;
    }

    private MethodDefinition Method(string name, MethodAttributes more = 0)
    {
        var method = new MethodDefinition(name, MethodAttributes.Public | MethodAttributes.Static | MethodAttributes.HideBySig | more, _members.Void);
        method.Body.InitLocals = true;
        _class.Methods.Add(method);
        return method;
    }

    // The rewriter leaves static constructors and the read-only fields they fill alone.
    private void EmitConstructor(string runName)
    {
        ILProcessor il = Method(".cctor", MethodAttributes.SpecialName | MethodAttributes.RTSpecialName).Body.GetILProcessor();
        il.Emit(OpCodes.Ldstr, runName);
        il.Emit(OpCodes.Call, _members.Claim);
        il.Emit(OpCodes.Stsfld, _run);
        il.Emit(OpCodes.Ret);
    }

    private void EmitMain(MethodDefinition[] threads)
    {
        ILProcessor il = Method("M").Body.GetILProcessor();
        for (int l = 0; l < _location.Length; l++)
        {
            // Releases, so that the initial values take effect in this one order.
            PushAddress(il, l);
            PushConstant(il, _test.Initial[l], _types.Location(l));
            il.Emit(OpCodes.Call, _types.Location(l) ? _members.VolatileWriteCell : _members.VolatileWrite);
        }

        HashSet<int> started = [.. _test.Threads.SelectMany(t => t.Operations).Where(o => o.Opcode == LitmusOpcode.START).Select(o => o.Target)];
        for (int t = 0; t < threads.Length; t++)
        {
            il.Emit(OpCodes.Ldsfld, _run);
            il.Emit(OpCodes.Ldc_I4, t);
            il.Emit(OpCodes.Ldnull);
            il.Emit(OpCodes.Ldftn, threads[t]);
            il.Emit(OpCodes.Newobj, _members.NewThreadStart);
            il.Emit(OpCodes.Newobj, _members.NewThread);
            il.Emit(OpCodes.Call, _members.SetThread);
        }

        for (int t = 0; t < threads.Length; t++)
        {
            if (!started.Contains(t))
                OnThread(il, t, _members.Start, start: true);
        }

        // Those that the test starts are started once the others have ended, or never are.
        foreach (int t in Enumerable.Range(0, threads.Length).OrderBy(started.Contains))
        {
            Instruction end = il.Create(OpCodes.Nop);
            il.Emit(OpCodes.Ldsfld, _run);
            il.Emit(OpCodes.Ldc_I4, t);
            il.Emit(OpCodes.Call, _members.WasStarted);
            il.Emit(OpCodes.Brfalse, end);
            OnThread(il, t, _members.Join, start: false);
            il.Append(end);
        }

        int first = _test.Threads.Sum(t => t.Registers.Count);
        for (int l = 0; l < _location.Length; l++)
        {
            il.Emit(OpCodes.Ldsfld, _run);
            il.Emit(OpCodes.Ldc_I4, first + l);
            PushAddress(il, l);
            il.Emit(OpCodes.Ldobj, _types.Location(l) ? _members.Cell : _members.Int64);
            il.Emit(OpCodes.Call, _types.Location(l) ? _members.PutReference : _members.Put);
        }

        il.Emit(OpCodes.Ret);
    }

    private void OnThread(ILProcessor il, int thread, MethodReference call, bool start)
    {
        il.Emit(OpCodes.Ldsfld, _run);
        il.Emit(OpCodes.Ldc_I4, thread);
        il.Emit(start ? OpCodes.Ldc_I4_1 : OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Call, _members.Thread);
        il.Emit(OpCodes.Callvirt, call);
    }

    private MethodDefinition EmitThread(int thread)
    {
        MethodDefinition method = Method("T" + thread);
        VariableDefinition[] registers = [.. _test.Threads[thread].Registers.Select(
            (_, r) => new VariableDefinition(_types.Register(thread, r) ? _members.Cell : _members.Int64))];
        foreach (VariableDefinition register in registers)
            method.Body.Variables.Add(register);
        ILProcessor il = method.Body.GetILProcessor();
        Instruction end = il.Create(OpCodes.Nop);
        foreach (LitmusOperation operation in _test.Threads[thread].Operations)
            EmitOperation(il, thread, operation, registers, end);
        il.Append(end);
        for (int r = 0; r < registers.Length; r++)
        {
            il.Emit(OpCodes.Ldsfld, _run);
            il.Emit(OpCodes.Ldc_I4, _firstRegister[thread] + r);
            il.Emit(OpCodes.Ldloc, registers[r]);
            il.Emit(OpCodes.Call, _types.Register(thread, r) ? _members.PutReference : _members.Put);
        }

        il.Emit(OpCodes.Ret);
        return method;
    }

    private void EmitOperation(ILProcessor il, int thread, LitmusOperation op, VariableDefinition[] registers, Instruction end)
    {
        bool cell = op.Location >= 0 && _types.Location(op.Location);
        switch (op.Opcode)
        {
            case LitmusOpcode.R:
                PushAddress(il, op.Location);
                if (op.Volatile)
                    il.Emit(OpCodes.Call, cell ? _members.VolatileReadCell : _members.VolatileRead);
                else
                    Plain(il, op.Location, store: false);
                il.Emit(OpCodes.Stloc, registers[op.Register]);
                break;
            case LitmusOpcode.W:
                PushAddress(il, op.Location);
                Push(il, op.Value, cell, registers);
                if (op.Volatile)
                    il.Emit(OpCodes.Call, cell ? _members.VolatileWriteCell : _members.VolatileWrite);
                else
                    Plain(il, op.Location, store: true);
                break;
            case LitmusOpcode.RD:
                ReadThrough(il, op, registers, _types.Register(thread, op.Register));
                break;
            case LitmusOpcode.WD:
                WriteThrough(il, op, registers);
                break;
            case LitmusOpcode.XCHG or LitmusOpcode.ADD or LitmusOpcode.CAS:
                Interlock(il, op, registers, cell);
                break;
            case LitmusOpcode.MB:
                il.Emit(OpCodes.Call, _members.MemoryBarrier);
                break;
            case LitmusOpcode.RB:
                il.Emit(OpCodes.Call, _members.ReadBarrier);
                break;
            case LitmusOpcode.WB:
                il.Emit(OpCodes.Call, _members.WriteBarrier);
                break;
            case LitmusOpcode.PWB:
                il.Emit(OpCodes.Call, _members.MemoryBarrierProcessWide);
                break;
            case LitmusOpcode.LOCK or LitmusOpcode.UNLOCK:
                il.Emit(OpCodes.Ldsfld, _run);
                il.Emit(OpCodes.Ldc_I4, op.Target);
                il.Emit(OpCodes.Call, _members.Lock);
                il.Emit(OpCodes.Call, op.Opcode == LitmusOpcode.LOCK ? _members.Enter : _members.Exit);
                break;
            case LitmusOpcode.START or LitmusOpcode.JOIN:
                bool start = op.Opcode == LitmusOpcode.START;
                OnThread(il, op.Target, start ? _members.Start : _members.Join, start);
                break;
            case LitmusOpcode.BNE:
                il.Emit(OpCodes.Ldloc, registers[op.Register]);
                Push(il, op.Value, _types.Register(thread, op.Register), registers);
                il.Emit(OpCodes.Bne_Un, end);
                break;
        }
    }

    private void PushAddress(ILProcessor il, int location)
    {
        if (_location[location] is { } field)
        {
            il.Emit(OpCodes.Ldsflda, field);
            return;
        }

        il.Emit(OpCodes.Ldsfld, _run);
        il.Emit(OpCodes.Ldc_I4, location);
        il.Emit(OpCodes.Call, _members.CellOf);
        il.Emit(OpCodes.Ldflda, ObjectField);
    }

    private FieldReference ObjectField => _types.ObjectsHoldReferences ? _members.Link : _members.Value;

    private void Plain(ILProcessor il, int location, bool store)
    {
        TypeReference type = _types.Location(location) ? _members.Cell : _members.Int64;
        il.Emit(store ? OpCodes.Stobj : OpCodes.Ldobj, type);
    }

    private void ReadThrough(ILProcessor il, LitmusOperation op, VariableDefinition[] registers, bool cell)
    {
        Instruction none = il.Create(OpCodes.Nop);
        Instruction done = il.Create(OpCodes.Nop);
        il.Emit(OpCodes.Ldloc, registers[op.Base]);
        il.Emit(OpCodes.Call, _members.IsReference);
        il.Emit(OpCodes.Brfalse, none);
        il.Emit(OpCodes.Ldloc, registers[op.Base]);
        il.Emit(OpCodes.Ldfld, ObjectField);
        if (cell != _types.ObjectsHoldReferences)
            throw new LitmusFormatException($"{_test.Name}: a register holds both numbers and references, which C# has no type for.");
        il.Emit(OpCodes.Stloc, registers[op.Register]);
        il.Emit(OpCodes.Br, done);
        il.Append(none);
        PushConstant(il, -1, cell);
        il.Emit(OpCodes.Stloc, registers[op.Register]);
        il.Append(done);
    }

    private void WriteThrough(ILProcessor il, LitmusOperation op, VariableDefinition[] registers)
    {
        Instruction done = il.Create(OpCodes.Nop);
        il.Emit(OpCodes.Ldloc, registers[op.Base]);
        il.Emit(OpCodes.Call, _members.IsReference);
        il.Emit(OpCodes.Brfalse, done);
        il.Emit(OpCodes.Ldloc, registers[op.Base]);
        Push(il, op.Value, _types.ObjectsHoldReferences, registers);
        il.Emit(OpCodes.Stfld, ObjectField);
        il.Append(done);
    }

    private void Interlock(ILProcessor il, LitmusOperation op, VariableDefinition[] registers, bool cell)
    {
        if (cell && op.Opcode == LitmusOpcode.ADD)
            throw new LitmusFormatException($"{_test.Name}: ADD on '{_test.Locations[op.Location]}', which holds references.");
        PushAddress(il, op.Location);
        Push(il, op.Value, cell, registers);
        switch (op.Opcode)
        {
            case LitmusOpcode.XCHG:
                il.Emit(OpCodes.Call, cell ? _members.ExchangeCell : _members.Exchange);
                break;
            case LitmusOpcode.CAS:
                Push(il, op.Comparand, cell, registers);
                il.Emit(OpCodes.Call, cell ? _members.CompareExchangeCell : _members.CompareExchange);
                break;
            default:
                // Interlocked.Add gives the new value, litmus tests the old one.
                il.Emit(OpCodes.Call, _members.Add);
                Push(il, op.Value, cell, registers);
                il.Emit(OpCodes.Sub);
                break;
        }

        il.Emit(OpCodes.Stloc, registers[op.Register]);
    }

    private void Push(ILProcessor il, LitmusOperand operand, bool cell, VariableDefinition[] registers)
    {
        if (operand.Register >= 0)
            il.Emit(OpCodes.Ldloc, registers[operand.Register]);
        else
            PushConstant(il, operand.Value, cell);
    }

    private void PushConstant(ILProcessor il, long value, bool cell)
    {
        if (!cell)
        {
            il.Emit(OpCodes.Ldc_I8, value);
        }
        else if (value == 0)
        {
            il.Emit(OpCodes.Ldnull);
        }
        else if (LitmusTest.Referent(value) is >= 0 and var location)
        {
            il.Emit(OpCodes.Ldsfld, _run);
            il.Emit(OpCodes.Ldc_I4, location);
            il.Emit(OpCodes.Call, _members.CellOf);
        }
        else
        {
            il.Emit(OpCodes.Ldsfld, _run);
            il.Emit(OpCodes.Ldc_I8, value);
            il.Emit(OpCodes.Call, _members.Number);
        }
    }
}
