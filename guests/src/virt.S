# Entry of hart 0 on QEMU's board "virt", in machine mode, for measurements beside qemu-system-riscv64: output goes to the 16550, and main's result to
# the board's test device, which ends the emulator. Calls main(0, 1); compile with VIRT.
    .section .text.start, "ax"
    .globl _start
_start:
    la   sp, stacks
    li   t0, 4096
    add  sp, sp, t0
    li   a0, 0
    li   a1, 1
    call main
    li   t1, 0x5555
    beqz a0, 1f
    slli t1, a0, 16
    li   t0, 0x3333
    or   t1, t1, t0
1:  li   t0, 0x100000
    sw   t1, 0(t0)
2:  j    2b

    .section .bss
    .balign 16
stacks:
    .zero 4096
