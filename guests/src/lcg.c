/* 64-bit linear congruential generator with a mixing hash. */
#include "guest.h"
#ifndef ROUNDS
#define ROUNDS 100000
#endif

int main(u64 hart, u64 harts)
{
    u64 x = 1, hash = 0;
    for (u64 i = 0; i < ROUNDS; i++) {
        x = x * 6364136223846793005UL + 1442695040888963407UL;
        hash = (hash ^ (x >> 33)) * 0xff51afd7ed558ccdUL;
    }
    barrier(harts);
    if (hart == 0)
        put_result("lcg", hash);
    return 0;
}
