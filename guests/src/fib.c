/* Recursive Fibonacci: calls and returns, hence indirect jumps. */
#include "guest.h"
#ifndef N
#define N 20
#endif
#ifndef ROUNDS
#define ROUNDS 4
#endif

__attribute__((noinline)) static u64 fib(u64 n)
{
    if (n < 2)
        return n;
    u64 left = fib(n - 1);
    __asm__ volatile("" ::: "memory");
    return left + fib(n - 2);
}

int main(u64 hart, u64 harts)
{
    u64 sum = 0;
    for (int round = 0; round < ROUNDS; round++)
        sum += fib(N);
    barrier(harts);
    if (hart == 0)
        put_result("fib", sum);
    return 0;
}
