/* Timer and software interrupts. Every hart computes a checksum in registers while TICKS timer interrupts break in; then a token goes ROUNDS times
   round the ring of harts as software interrupts, each hart asleep in wfi until its turn. Exit code 0 if no checksum was wrong and every
   interrupt was the right one. */
#include "privileged.h"
#define TICKS 20
#define ROUNDS 25
#define INTERVAL 60

static volatile u64 ticks[64], ipis[64];
static u64 wrong, total_ticks, total_ipis;

__attribute__((interrupt("machine"), aligned(4))) static void trap(void)
{
    u64 hart = CSR_READ(mhartid), cause = CSR_READ(mcause);
    if (cause == (INTERRUPT | MTI)) {
        MTIMECMP[hart] = ++ticks[hart] == TICKS ? -1UL : MTIME + INTERVAL;
    } else if (cause == (INTERRUPT | MSI)) {
        MSIP[hart] = 0;
        FENCE();
        ipis[hart]++;
    } else {
        __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
        MTIMECMP[hart] = -1UL;
    }
}

static u64 checksum(void)
{
    u64 a = 1, b = 2, c = 3, d = 4;
    for (int i = 0; i < 200; i++) {
        a = a * 6364136223846793005UL + b;
        b ^= a >> 29;
        c += b * 3 + d;
        d = (d << 7 | d >> 57) ^ c;
    }
    return a ^ b ^ c ^ d;
}

static void sleep_until(volatile u64 *count, u64 wanted)
{
    for (;;) {
        CSR_CLEAR(mstatus, MSTATUS_MIE); /* between the test and wfi no interrupt is taken, but one that is pending ends wfi */
        if (*count >= wanted)
            break;
        __asm__ volatile("wfi");
        CSR_SET(mstatus, MSTATUS_MIE);
    }
    CSR_SET(mstatus, MSTATUS_MIE);
}

int main(u64 hart, u64 harts)
{
    u64 expected = checksum();
    CSR_WRITE(mtvec, trap);
    CSR_WRITE(mie, 1UL << MTI | 1UL << MSI);
    MTIMECMP[hart] = MTIME + INTERVAL;
    CSR_SET(mstatus, MSTATUS_MIE);
    while (ticks[hart] < TICKS)
        if (checksum() != expected)
            __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
    barrier(harts);

    u64 next = (hart + 1) % harts;
    for (u64 round = 1; round <= ROUNDS; round++) {
        if (hart == 0)
            MSIP[next] = 1;
        sleep_until(&ipis[hart], round);
        if (hart != 0)
            MSIP[next] = 1;
    }
    __atomic_fetch_add(&total_ticks, ticks[hart], __ATOMIC_RELAXED);
    __atomic_fetch_add(&total_ipis, ipis[hart], __ATOMIC_RELAXED);
    barrier(harts);
    CSR_WRITE(mie, 0);
    if (hart == 0) {
        uart_text("interrupts\n");
        put_result("ticks", total_ticks / harts);
        put_result("ipis", total_ipis / harts);
        put_result("wrong", wrong);
    }
    return wrong != 0 || total_ticks != TICKS * harts || total_ipis != ROUNDS * harts;
}
