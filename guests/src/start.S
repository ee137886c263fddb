# Entry of every hart: a0 = hart number, a1 = number of harts. Calls main(hart, harts); hart 0's result is the exit code.
    .section .text.start, "ax"
    .globl _start
_start:
    la   sp, stacks
    addi t0, a0, 1
    slli t0, t0, 12
    add  sp, sp, t0
    call main
    csrr t0, mhartid
    bnez t0, park
    slli a0, a0, 1
    ori  a0, a0, 1
    la   t1, tohost
    sd   a0, 0(t1)
park:
    wfi
    j    park

    .section .tohost, "aw", @progbits
    .globl tohost, fromhost
    .balign 64
tohost:   .dword 0
    .balign 64
fromhost: .dword 0

    .section .bss
    .balign 16
stacks:
    .zero 64 * 4096
