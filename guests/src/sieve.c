/* Byte sieve, each hart its own; prints the number of primes below SIZE. */
#include "guest.h"
#ifndef SIZE
#define SIZE 65536
#endif
#ifndef ROUNDS
#define ROUNDS 4
#endif

static u8 composite[8][SIZE];
static volatile u64 total;

int main(u64 hart, u64 harts)
{
    u8 *sieve = composite[hart % 8];
    u64 primes = 0;
    for (int round = 0; round < ROUNDS; round++) {
        primes = 0;
        for (u64 i = 0; i < SIZE; i++)
            sieve[i] = 0;
        for (u64 i = 2; i < SIZE; i++) {
            if (sieve[i])
                continue;
            primes++;
            for (u64 j = i * i; j < SIZE; j += i)
                sieve[j] = 1;
        }
    }
    __atomic_fetch_add(&total, primes, __ATOMIC_RELAXED);
    barrier(harts);
    if (hart == 0)
        put_result("sieve", primes);
    return total != primes * harts;
}
