namespace Verify.Engine.Execution;

/// <summary>A vCPU's guest-visible state, written down and read back.</summary>
public sealed unsafe partial class VCpu
{
    internal void Save(BinaryWriter to)
    {
        for (int i = 1; i < 32; i++)
        {
            to.Write(X[i]);
        }

        to.Write(Pc);
        to.Write(Instructions);
        to.Write(Lookups);
        to.Write(Traps);
        to.Write(TimeReported);
        to.Write(ReservedAddress);
        to.Write(ReservedValue);
        to.Write(Halted);
        to.Write(Ended);
        to.Write(ExitCode != null);
        to.Write(ExitCode ?? 0);
        Hart.Save(to);
    }

    internal void Load(BinaryReader from)
    {
        for (int i = 1; i < 32; i++)
        {
            X[i] = from.ReadUInt64();
        }

        (Pc, Instructions, Lookups) = (from.ReadUInt64(), from.ReadInt64(), from.ReadInt64());
        (Traps, TimeReported) = (from.ReadInt64(), from.ReadInt64());
        (ReservedAddress, ReservedValue) = (from.ReadUInt64(), from.ReadUInt64());
        (Halted, Ended) = (from.ReadBoolean(), from.ReadBoolean());
        bool hasExited = from.ReadBoolean();
        long exitCode = from.ReadInt64();
        ExitCode = hasExited ? exitCode : null;
        Hart.Load(from);
        Budget = 0; // the first thing it does is to look at the time
        FlushTranslations();
        StatusChanged();
    }
}
