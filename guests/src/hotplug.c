/* Dirties its own RAM until the machine says that more has been plugged in, then moves there: every hart fills pages of the first new block and
   keeps changing them, ROUNDS times. Exit code 0 if every word is what it must be in the end. */
#include "guest.h"
#ifndef ROUNDS
#define ROUNDS 6000
#endif
#define PAGES 64
#define SLOTS 8

/* The machine's list of RAM blocks that were plugged in: how many, then start and size of each. */
#define PLUGGED ((volatile u64 *)0x10100000UL)

static volatile u64 busy[16][512] __attribute__((aligned(4096)));
static u32 stores[64][PAGES][SLOTS];
static u64 sums[64], wrong;

static u64 next(u64 x) { return x * 6364136223846793005UL + 1442695040888963407UL; }
static u64 seed(u64 hart, u64 page, u64 slot) { return hart << 32 | page << 8 | slot; }

int main(u64 hart, u64 harts)
{
    while (PLUGGED[0] == 0)
        for (u64 i = 0; i < 16; i++)
            busy[i][hart]++;
    volatile u64(*pages)[512] = (volatile u64(*)[512])PLUGGED[2];
    u64 order = hart + 1, sum = 0;
    if (PLUGGED[3] < sizeof *pages * PAGES) {
        put_text("the first block is too small\n");
        return 2;
    }
    for (u64 page = 0; page < PAGES; page++)
        for (u64 slot = 0; slot < SLOTS; slot++) {
            if (pages[page][slot * harts + hart] != 0)
                __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
            pages[page][slot * harts + hart] = seed(hart, page, slot);
        }
    for (u64 round = 0; round < ROUNDS; round++) {
        for (u64 i = 0, page = 0; i < PAGES; i++) {
            order = next(order);
            page = (page + 1 + (order >> 62)) % PAGES;
            u64 slot = (order >> 33) % SLOTS;
            pages[page][slot * harts + hart] = next(pages[page][slot * harts + hart]);
            stores[hart][page][slot]++;
        }
    }
    for (u64 page = 0; page < PAGES; page++)
        for (u64 slot = 0; slot < SLOTS; slot++) {
            u64 value = seed(hart, page, slot);
            for (u64 n = stores[hart][page][slot]; n; n--)
                value = next(value);
            if (value != pages[page][slot * harts + hart])
                __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
            sum = sum * 31 + value;
        }
    sums[hart] = sum;
    barrier(harts);
    if (hart == 0) {
        u64 total = 0;
        for (u64 i = 0; i < harts; i++)
            total ^= sums[i];
        put_result("hotplug", total);
        put_result("wrong", wrong);
    }
    return wrong != 0;
}
