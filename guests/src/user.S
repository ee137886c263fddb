# Entry of every hart in programs that speak to Linux instead of HTIF, so that qemu-riscv64 can run them too. a0 = hart number, a1 = number of
# harts; Linux leaves a1 zero. Calls main(hart, harts) and exits (ecall 93) with its result.
    .section .text.start, "ax"
    .globl _start
_start:
    la   sp, stacks
    addi t0, a0, 1
    slli t0, t0, 12
    add  sp, sp, t0
    bnez a1, 1f
    li   a1, 1
1:  call main
    li   a7, 93
    ecall

    .section .bss
    .balign 16
stacks:
    .zero 64 * 4096
