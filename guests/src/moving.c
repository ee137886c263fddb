/* Keeps dirtying its own RAM and the first pages of every block that is plugged in, until there are BLOCKS of them: it ends when the machine wants
   it to, whatever was done to it meanwhile. Exit code 0 if every word is what it must be in the end. */
#include "guest.h"
#define BLOCKS 3
#define PAGES 32
#define SLOTS 8
#define LAST_ROUNDS 200
#define STEP 0x9e3779b97f4a7c15UL

/* The machine's list of RAM blocks that were plugged in: how many, then from 16 on start and size of each. */
#define PLUGGED ((volatile u64 *)0x10100000UL)

static u64 own[PAGES][512] __attribute__((aligned(4096)));
static u64 stores[64][BLOCKS + 1][PAGES][SLOTS], wrong;

static u64 seed(u64 hart, u64 area, u64 page, u64 slot) { return hart << 32 | area << 24 | page << 8 | slot; }

static volatile u64 *word(u64 base, u64 page, u64 index) { return (volatile u64 *)(base + page * 4096) + index; }

int main(u64 hart, u64 harts)
{
    u64 areas = 0, order = hart + 1, base[BLOCKS + 1];
    for (u64 left = LAST_ROUNDS; left; left -= areas == BLOCKS + 1) {
        u64 there = PLUGGED[0] < BLOCKS ? PLUGGED[0] + 1 : BLOCKS + 1;
        for (; areas < there; areas++) {
            if (areas && PLUGGED[2 * areas + 1] < PAGES * 4096) {
                put_text("a block is too small\n");
                return 2;
            }
            base[areas] = areas ? PLUGGED[2 * areas] : (u64)own;
            for (u64 page = 0; page < PAGES; page++)
                for (u64 slot = 0; slot < SLOTS; slot++) {
                    volatile u64 *at = word(base[areas], page, slot * harts + hart);
                    if (*at != 0)
                        __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
                    *at = seed(hart, areas, page, slot);
                }
        }
        for (u64 area = 0; area < areas; area++)
            for (u64 i = 0, page = 0; i < PAGES; i++) {
                order = order * 6364136223846793005UL + 1442695040888963407UL;
                page = (page + 1 + (order >> 62)) % PAGES; /* not every page in every round, some twice */
                u64 slot = (order >> 33) % SLOTS;
                *word(base[area], page, slot * harts + hart) += STEP;
                stores[hart][area][page][slot]++;
            }
    }
    for (u64 area = 0; area < areas; area++)
        for (u64 page = 0; page < PAGES; page++)
            for (u64 slot = 0; slot < SLOTS; slot++)
                if (*word(base[area], page, slot * harts + hart) != seed(hart, area, page, slot) + STEP * stores[hart][area][page][slot])
                    __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
    barrier(harts);
    if (hart == 0)
        put_result("moving wrong", __atomic_load_n(&wrong, __ATOMIC_RELAXED));
    return wrong != 0;
}
