/* What guests that take traps share: CSRs, the CLINT and waiting for an interrupt. */
#include "guest.h"

#define CSR_READ(name) ({ u64 v_; __asm__ volatile("csrr %0, " #name : "=r"(v_) :: "memory"); v_; })
#define CSR_WRITE(name, value) __asm__ volatile("csrw " #name ", %0" :: "r"((u64)(value)) : "memory")
#define CSR_SET(name, bits) __asm__ volatile("csrs " #name ", %0" :: "r"((u64)(bits)) : "memory")
#define CSR_CLEAR(name, bits) __asm__ volatile("csrc " #name ", %0" :: "r"((u64)(bits)) : "memory")
#define FENCE() __asm__ volatile("fence" ::: "memory")

#define INTERRUPT (1UL << 63)
#define MSI 3
#define MTI 7
#define MSTATUS_MIE (1UL << 3)

#define MSIP ((volatile u32 *)0x02000000UL)
#define MTIMECMP ((volatile u64 *)0x02004000UL)
#define MTIME (*(volatile u64 *)0x0200bff8UL)
#define UART ((volatile u8 *)0x10000000UL)

__attribute__((unused)) static void uart_text(const char *s)
{
    for (; *s; s++) {
        while (!(UART[5] & 0x20))
            ;
        UART[0] = *s;
    }
}
