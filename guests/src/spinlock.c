/* Every hart adds 1 to a plain counter COUNT times under a spin lock. Exit code 0 if nothing was lost. */
#include "guest.h"
#ifndef COUNT
#define COUNT 20000
#endif

static u32 lock;
static volatile u64 counter;

int main(u64 hart, u64 harts)
{
    barrier(harts);
    for (u64 i = 0; i < COUNT; i++) {
        while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
            PAUSE();
        counter = counter + 1;
        __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
    }
    barrier(harts);
    if (hart == 0)
        put_result("spinlock", counter);
    return counter != COUNT * harts;
}
