/* Virtual memory: the harts run in supervisor mode under one Sv39 page table.
   1. PAGES pages appear on demand, by page faults that several harts may take at once. A and D must be set exactly where they should be.
   2. Hart 0 moves a page of data, and one of code, ROUNDS times, and has the others drop their translations by interrupt (a TLB shoot-down):
      who is told of the move must see the new page. Exit code 0 if all of it was so. */
#include "privileged.h"
#define PAGES 24
#define ROUNDS 30
#define PAGE 4096UL
#define DEMAND 0x40000000UL
#define WINDOW 0x50000000UL
#define CODE 0x60000000UL

enum { V = 1, R = 2, W = 4, X = 8, A = 64, D = 128 };

static u64 root[512] __attribute__((aligned(4096)));
static u64 middle[512] __attribute__((aligned(4096)));           /* of the gigabyte at DEMAND */
static u64 tables[3][512] __attribute__((aligned(4096)));        /* of DEMAND, WINDOW and CODE */
static u64 frames[2 * PAGES][512] __attribute__((aligned(4096)));
static u64 moved[2][512] __attribute__((aligned(4096)));
static u32 code[2][1024] __attribute__((aligned(4096)));
static u32 lock, next_frame;
static u64 wrong, acknowledged;
static volatile u64 current;

static void bad(void) { __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED); }

static u64 pte(void *page, u64 flags) { return (u64)page >> 12 << 10 | flags; }

static void drop_translations(void) { __asm__ volatile("sfence.vma\n fence.i" ::: "memory"); }

__attribute__((interrupt("machine"), aligned(4))) static void machine_trap(void)
{
    u64 hart = CSR_READ(mhartid);
    if (CSR_READ(mcause) != (INTERRUPT | MSI)) {
        put_result("unexpected trap in machine mode, mcause", CSR_READ(mcause));
        put_result("mepc", CSR_READ(mepc));
        tohost = 99 << 1 | 1;
    }
    MSIP[hart] = 0;
    drop_translations();
    __atomic_fetch_add(&acknowledged, 1, __ATOMIC_RELEASE);
}

__attribute__((interrupt("supervisor"), aligned(4))) static void supervisor_trap(void)
{
    u64 address = CSR_READ(stval), cause = CSR_READ(scause), page = (address - DEMAND) / PAGE;
    if ((cause != 13 && cause != 15) || page >= 2 * PAGES) {
        put_result("unexpected trap in supervisor mode, scause", cause);
        put_result("sepc", CSR_READ(sepc));
        tohost = 98 << 1 | 1;
    }
    while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
        PAUSE();
    if (tables[0][page] == 0)
        __atomic_store_n(&tables[0][page], pte(frames[next_frame++], V | R | W), __ATOMIC_RELEASE);
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
    __asm__ volatile("sfence.vma %0" :: "r"(address) : "memory");
}

static void shoot_down(u64 hart, u64 harts)
{
    __atomic_store_n(&acknowledged, 0, __ATOMIC_RELAXED);
    FENCE();
    for (u64 other = 0; other < harts; other++)
        if (other != hart)
            MSIP[other] = 1;
    drop_translations();
    while (__atomic_load_n(&acknowledged, __ATOMIC_ACQUIRE) != harts - 1)
        PAUSE();
}

static void demand(u64 hart, u64 harts)
{
    volatile u64(*page)[512] = (volatile u64(*)[512])DEMAND;
    for (u64 i = 0; i < PAGES; i++) {
        page[i][hart] = i * 100 + hart;      /* written first: A and D */
        if (page[PAGES + i][hart] != 0)      /* only read: A */
            bad();
    }
    barrier(harts);
    for (u64 i = 0; i < PAGES; i++) {
        for (u64 other = 0; other < harts; other++)
            if (page[i][other] != i * 100 + other)
                bad();
        if ((tables[0][i] & (A | D)) != (A | D) || (tables[0][PAGES + i] & (A | D)) != A)
            bad();
    }
    if (next_frame != 2 * PAGES)
        bad();
}

static void move(u64 hart, u64 harts)
{
    volatile u64 *window = (volatile u64 *)WINDOW;
    u64 (*function)(void) = (u64(*)(void))CODE;
    for (u64 round = 1; round <= ROUNDS; round++) {
        if (hart == 0) {
            moved[round & 1][0] = round;
            code[round & 1][0] = 0x00000513 | round << 20; /* li a0, round */
            code[round & 1][1] = 0x00008067;               /* ret */
            __atomic_store_n(&tables[1][0], pte(moved[round & 1], V | R | A), __ATOMIC_RELEASE);
            __atomic_store_n(&tables[2][0], pte(code[round & 1], V | X | A), __ATOMIC_RELEASE);
            shoot_down(hart, harts);
            __atomic_store_n(&current, round, __ATOMIC_RELEASE);
        }
        while (__atomic_load_n(&current, __ATOMIC_ACQUIRE) != round)
            PAUSE();
        if (*window != round || function() != round)
            bad();
        barrier(harts);
    }
}

static void supervisor(u64 hart, u64 harts)
{
    demand(hart, harts);
    barrier(harts);
    move(hart, harts);
    barrier(harts);
    if (hart == 0) {
        put_result("vm wrong", wrong);
        tohost = (wrong != 0) << 1 | 1;
    }
    for (;;)
        __asm__ volatile("wfi");
}

int main(u64 hart, u64 harts)
{
    if (hart == 0) {
        root[0] = pte((void *)0, V | R | W | A | D);                       /* devices */
        root[2] = pte((void *)0x80000000UL, V | R | W | X | A | D);        /* RAM */
        root[1] = pte(middle, V);
        middle[0] = pte(tables[0], V);
        middle[(WINDOW - DEMAND) >> 21] = pte(tables[1], V);
        middle[(CODE - DEMAND) >> 21] = pte(tables[2], V);
    }
    barrier(harts);
    CSR_WRITE(pmpaddr0, -1UL);
    CSR_WRITE(pmpcfg0, 0x1f);
    CSR_WRITE(mtvec, machine_trap);
    CSR_WRITE(stvec, supervisor_trap);
    CSR_WRITE(medeleg, 1UL << 13 | 1UL << 15);
    CSR_WRITE(mie, 1UL << MSI);
    CSR_WRITE(satp, 8UL << 60 | (u64)root >> 12);
    __asm__ volatile("sfence.vma" ::: "memory");
    CSR_WRITE(mepc, supervisor);
    CSR_CLEAR(mstatus, 3UL << 11);
    CSR_SET(mstatus, 1UL << 11);
    register u64 a0 __asm__("a0") = hart;
    register u64 a1 __asm__("a1") = harts;
    __asm__ volatile("mret" :: "r"(a0), "r"(a1) : "memory");
    __builtin_unreachable();
}
