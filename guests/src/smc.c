/* Hart 0 rewrites a function; every hart runs fence.i and calls it. Exit code 0 if each saw each version. */
#include "guest.h"
#ifndef ROUNDS
#define ROUNDS 200
#endif

extern u32 patched[];   /* addi a0, zero, <imm>; ret */
__asm__(".text\n.balign 4\npatched:\n li a0, 0\n ret\n");

static u64 wrong;

int main(u64 hart, u64 harts)
{
    for (u32 round = 1; round <= ROUNDS; round++) {
        if (hart == 0)
            *(volatile u32 *)patched = 0x00000513 | (round << 20);
        barrier(harts);
        __asm__ volatile("fence.i" ::: "memory");
        if (((u64 (*)(void))patched)() != round)
            __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
        barrier(harts);
    }
    if (hart == 0)
        put_result("smc wrong", wrong);
    return wrong != 0;
}
