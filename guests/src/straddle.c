/* Self-modifying code across pages: one four-byte instruction lies on two pages, and hart 0 rewrites its halves in turn, so that each
   time only one of the two pages is stored into. Exit code 0 if each hart saw each version. Needs C, without which no instruction straddles. */
#include "guest.h"
#ifndef ROUNDS
#define ROUNDS 100
#endif

typedef unsigned short u16;
extern volatile u16 straddling[];
__asm__(".text\n.balign 4096\n.skip 4094\nstraddling:\n"
        " .2byte 0x0513, 0x0000\n" /* addi a0, zero, 0 */
        " .2byte 0x8082\n");       /* c.jr ra */

static u64 wrong;

static void check(u64 expected)
{
    __asm__ volatile("fence.i" ::: "memory");
    if (((u64 (*)(void))straddling)() != expected)
        __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
}

int main(u64 hart, u64 harts)
{
    for (u32 round = 1; round <= ROUNDS; round++) {
        if (hart == 0)
            straddling[1] = round << 4;                       /* the immediate, on the second page */
        barrier(harts);
        check(round);
        barrier(harts);
        if (hart == 0)
            straddling[0] = round & 1 ? 0x4513 : 0x0513;      /* xori and addi, on the first */
        barrier(harts);
        check(round);
        barrier(harts);
    }
    if (hart == 0)
        put_result("straddle wrong", wrong);
    return wrong != 0;
}
