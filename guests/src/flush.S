# Two harts, each a loop of its own over blocks chained by direct jumps, no shared data. Nine blocks in all, for an arena of fewer.
# Hart h exits (ecall 93) with a number that a wrong jump between the harts' blocks, or between iterations, changes:
# hart 0: (1 * 2 + 3) * 2 + 3 = 13; hart 1: (1 * 3 + 1) * 3 + 1 = 13, plus 100 = 113.
    .section .text.start, "ax"
    .globl _start
_start:
    bnez a0, hart1

hart0:
    li   a1, 1
    li   t0, 2
0:  slli a1, a1, 1
    addi a1, a1, 3
    j    1f
1:  addi t0, t0, -1
    bnez t0, 0b
    mv   a0, a1
    li   a7, 93
    ecall

hart1:
    li   a1, 1
    li   t0, 2
0:  slli a2, a1, 1
    add  a1, a1, a2
    addi a1, a1, 1
    j    1f
1:  addi t0, t0, -1
    bnez t0, 0b
    addi a0, a1, 100
    li   a7, 93
    ecall
