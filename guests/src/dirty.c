/* Every hart keeps dirtying the same pages, in an order of its own, ROUNDS times; each page holds words of every hart, so that the result does not
   depend on who comes first. At the end each hart computes what its words must be. Exit code 0 if no store was lost. */
#include "guest.h"
#ifndef PAGES
#define PAGES 192
#endif
#ifndef ROUNDS
#define ROUNDS 3000
#endif
#define SLOTS 8

static u64 pages[PAGES][512] __attribute__((aligned(4096)));
static u32 stores[64][PAGES][SLOTS];
static u64 sums[64], wrong;

static u64 next(u64 x) { return x * 6364136223846793005UL + 1442695040888963407UL; }
static u64 seed(u64 hart, u64 page, u64 slot) { return hart << 32 | page << 8 | slot; }

int main(u64 hart, u64 harts)
{
    u64 order = hart + 1, sum = 0;
    for (u64 page = 0; page < PAGES; page++)
        for (u64 slot = 0; slot < SLOTS; slot++)
            pages[page][slot * harts + hart] = seed(hart, page, slot);
    barrier(harts);
    for (u64 round = 0; round < ROUNDS; round++) {
        for (u64 i = 0, page = 0; i < PAGES; i++) {
            order = next(order);
            page = (page + 1 + (order >> 62)) % PAGES; /* not every page in every round, some twice */
            u64 slot = (order >> 33) % SLOTS;
            pages[page][slot * harts + hart] = next(pages[page][slot * harts + hart]);
            stores[hart][page][slot]++;
        }
        if (hart == 0 && round % 500 == 499)
            put_char('.');
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
        put_char('\n');
        put_result("dirty", total);
        put_result("wrong", wrong);
    }
    return wrong != 0;
}
