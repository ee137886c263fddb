namespace Verify.Engine.Guest;

/// <summary>Numbers of the control and status registers this machine has. Bits 11:10 both set: read-only; bits 9:8: lowest privilege.</summary>
public static class CsrNumber
{
    public const int Cycle = 0xc00, Time = 0xc01, Instret = 0xc02, HpmCounter3 = 0xc03, HpmCounter31 = 0xc1f;
    public const int Sstatus = 0x100, Sie = 0x104, Stvec = 0x105, Scounteren = 0x106, Senvcfg = 0x10a;
    public const int Sscratch = 0x140, Sepc = 0x141, Scause = 0x142, Stval = 0x143, Sip = 0x144, Satp = 0x180;
    public const int Mvendorid = 0xf11, Marchid = 0xf12, Mimpid = 0xf13, Mhartid = 0xf14, Mconfigptr = 0xf15;
    public const int Mstatus = 0x300, Misa = 0x301, Medeleg = 0x302, Mideleg = 0x303, Mie = 0x304, Mtvec = 0x305, Mcounteren = 0x306;
    public const int Menvcfg = 0x30a, Mcountinhibit = 0x320, Mhpmevent3 = 0x323, Mhpmevent31 = 0x33f;
    public const int Mscratch = 0x340, Mepc = 0x341, Mcause = 0x342, Mtval = 0x343, Mip = 0x344;
    public const int Pmpcfg0 = 0x3a0, Pmpcfg15 = 0x3af, Pmpaddr0 = 0x3b0, Pmpaddr63 = 0x3ef;
    public const int Mcycle = 0xb00, Minstret = 0xb02, Mhpmcounter3 = 0xb03, Mhpmcounter31 = 0xb1f;
    public const int Tselect = 0x7a0, Tdata1 = 0x7a1, Tdata3 = 0x7a3;
}

/// <summary>Bits of mstatus; sstatus shows some of them.</summary>
public static class StatusBit
{
    public const ulong Sie = 1UL << 1, Mie = 1UL << 3, Spie = 1UL << 5, Mpie = 1UL << 7, Spp = 1UL << 8;
    public const ulong Mprv = 1UL << 17, Sum = 1UL << 18, Mxr = 1UL << 19, Tvm = 1UL << 20, Tw = 1UL << 21, Tsr = 1UL << 22;
    public const int MppShift = 11;
    public const ulong Mpp = 3UL << MppShift;

    /// <summary>UXL and SXL: 64 bits, read-only.</summary>
    public const ulong Widths = (2UL << 32) | (2UL << 34);

    public const ulong InSstatus = Sie | Spie | Spp | Sum | Mxr | (3UL << 32);
    public const ulong Writable = Sie | Mie | Spie | Mpie | Spp | Mprv | Sum | Mxr | Tvm | Tw | Tsr;
    public const ulong WritableInSstatus = Writable & InSstatus;
}
