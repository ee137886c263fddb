/* What every guest program shares: output (HTIF, or Linux with LINUX_USER, or a UART with VIRT) and a barrier between harts. */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned char u8;

#define PAUSE() __asm__ volatile(".word 0x0100000f") /* Zihintpause */

#ifdef LINUX_USER
static void put_char(char c)
{
    register u64 a0 __asm__("a0") = 1;
    register char *a1 __asm__("a1") = &c;
    register u64 a2 __asm__("a2") = 1;
    register u64 a7 __asm__("a7") = 64; /* write */
    __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
}
#elif defined(VIRT)
static void put_char(char c)
{
    *(volatile u8 *)0x10000000 = c;
}
#else
extern volatile u64 tohost, fromhost;

static inline void put_char(char c)
{
    tohost = (0x0101UL << 48) | (u8)c;
    while (tohost != 0)
        ;
    fromhost = 0;
}
#endif

static void put_text(const char *s)
{
    while (*s)
        put_char(*s++);
}

static void put_number(u64 n)
{
    char digits[20];
    int count = 0;
    do
        digits[count++] = '0' + n % 10;
    while (n /= 10);
    while (count)
        put_char(digits[--count]);
}

static void put_result(const char *name, u64 value)
{
    put_text(name);
    put_text(" ");
    put_number(value);
    put_text("\n");
}

/* All harts have arrived when the count is a multiple of their number again. */
static u64 barrier_arrived;

__attribute__((unused)) static void barrier(u64 harts)
{
    u64 ticket = __atomic_fetch_add(&barrier_arrived, 1, __ATOMIC_ACQ_REL);
    u64 all = (ticket / harts + 1) * harts;
    while (__atomic_load_n(&barrier_arrived, __ATOMIC_ACQUIRE) < all)
        PAUSE();
}
