/* Every hart draws its share of the lines of a moving picture, FRAMES times, in supervisor mode through a mapping of the framebuffer in pages of its
   own. With ALIAS, hart 1 draws through the identity mapping instead; with REMAP, hart 0 unmaps and maps the framebuffer's pages between frames.
   Exit code 0 if the last picture is in memory as it was drawn. */
#include "privileged.h"
#ifndef FRAMES
#define FRAMES 120
#endif
#define WIDTH 160
#define HEIGHT 120
#define LFB 0x50000000UL
#define DISPLAY ((volatile u64 *)0x10200000UL) /* address, width, height, stride, frames */

enum { V = 1, R = 2, W = 4, X = 8, A = 64, D = 128 };

#define PAGES ((WIDTH * HEIGHT * 4 + 4095) / 4096)

static u8 memory[PAGES][4096] __attribute__((aligned(4096))); /* whole pages: what else lay there would be another mapping's business */
static u32 (*const framebuffer)[WIDTH] = (u32(*)[WIDTH])memory;
static u64 root[512] __attribute__((aligned(4096)));
static u64 middle[512] __attribute__((aligned(4096)));
static u64 table[512] __attribute__((aligned(4096)));
static u64 wrong;

static u64 pte(void *page, u64 flags) { return (u64)page >> 12 << 10 | flags; }

/* Boxes that bounce on a background that changes in bands, so that most lines stay as they are from one frame to the next. */
static u32 pixel(u64 x, u64 y, u64 frame)
{
    u64 px = frame * 3 % (2 * (WIDTH - 24)), py = frame * 2 % (2 * (HEIGHT - 16));
    px = px < WIDTH - 24 ? px : 2 * (WIDTH - 24) - px;
    py = py < HEIGHT - 16 ? py : 2 * (HEIGHT - 16) - py;
    if (x - px < 24 && y - py < 16)
        return 0xffe060;
    return (u32)((y / 8 + frame / 40) * 0x050309 & 0xffffff);
}

static void draw(volatile u32 (*to)[WIDTH], u64 hart, u64 harts, u64 frame)
{
    for (u64 y = hart; y < HEIGHT; y += harts)
        for (u64 x = 0; x < WIDTH; x++) {
            u32 colour = pixel(x, y, frame);
            if (to[y][x] != colour)
                to[y][x] = colour;
        }
}

static void supervisor(u64 hart, u64 harts)
{
    volatile u32(*to)[WIDTH] = (volatile u32(*)[WIDTH])LFB;
#ifdef ALIAS
    if (hart == 1)
        to = framebuffer;
#endif
    for (u64 frame = 0; frame < FRAMES; frame++) {
        draw(to, hart, harts, frame);
        barrier(harts);
        if (hart == 0)
            DISPLAY[4] = frame + 1;
#ifdef REMAP
        if (hart == 0)
            for (u64 i = 0; i < PAGES; i++) {
                table[i] = 0;
                __asm__ volatile("sfence.vma" ::: "memory");
                table[i] = pte(memory[i], V | R | W | A);
            }
        barrier(harts);
#endif
        __asm__ volatile("sfence.vma" ::: "memory");
    }
    for (u64 y = hart; y < HEIGHT; y += harts)
        for (u64 x = 0; x < WIDTH; x++)
            if (to[y][x] != pixel(x, y, FRAMES - 1))
                __atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
    barrier(harts);
    if (hart == 0) {
        put_result("display wrong", wrong);
        tohost = (wrong != 0) << 1 | 1;
    }
    for (;;)
        __asm__ volatile("wfi");
}

__attribute__((interrupt("machine"), aligned(4))) static void machine_trap(void)
{
    put_result("unexpected trap, mcause", CSR_READ(mcause));
    put_result("mepc", CSR_READ(mepc));
    tohost = 99 << 1 | 1;
}

int main(u64 hart, u64 harts)
{
    if (hart == 0) {
        root[0] = pte((void *)0, V | R | W | A | D);                /* devices */
        root[1] = pte(middle, V);
        root[2] = pte((void *)0x80000000UL, V | R | W | X | A | D); /* RAM */
        middle[(LFB >> 21) & 511] = pte(table, V);
        for (u64 i = 0; i < PAGES; i++)
            table[i] = pte(memory[i], V | R | W | A);
        DISPLAY[0] = (u64)memory;
        DISPLAY[1] = WIDTH;
        DISPLAY[2] = HEIGHT;
        DISPLAY[3] = sizeof framebuffer[0];
    }
    barrier(harts);
    CSR_WRITE(pmpaddr0, -1UL);
    CSR_WRITE(pmpcfg0, 0x1f);
    CSR_WRITE(mtvec, machine_trap);
    CSR_WRITE(satp, 8UL << 60 | (u64)root >> 12);
    __asm__ volatile("sfence.vma" ::: "memory");
    CSR_WRITE(mepc, supervisor);
    CSR_CLEAR(mstatus, 3UL << 11);
    CSR_SET(mstatus, 1UL << 11);
    register u64 a0 __asm__("a0") = hart;
    register u64 a1 __asm__("a1") = harts;
    __asm__ volatile("mret" :: "r"(a0), "r"(a1) : "memory");
    __builtin_unreachable();
}
