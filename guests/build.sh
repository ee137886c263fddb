#!/bin/sh
# Rebuilds guests/bin. With "bench", builds the long-running versions of the benchmarks into guests/bin/bench instead.
# Needs riscv64-unknown-elf-gcc (Debian: gcc-riscv64-unknown-elf), or another RISC-V gcc named in CC.
set -eu
cd "$(dirname "$0")"
CC=${CC:-riscv64-unknown-elf-gcc}
FLAGS="-mabi=lp64 -mcmodel=medany -O2 -ffreestanding -fno-builtin -fno-tree-loop-distribute-patterns
  -nostdlib -static -Wall -Wextra -Wno-unused-parameter -Wl,--build-id=none -Wl,--no-warn-rwx-segments -T src/guest.ld"

ARCH=rv64ima_zicsr_zifencei
START=start

build() { # output source defines...
    out=$1; src=$2; shift 2
    case $src in
        *.c) $CC -march=$ARCH $FLAGS "$@" -o "$out" "src/$START.S" "src/$src" ;;
        *)   $CC -march=$ARCH $FLAGS "$@" -o "$out" "src/$src" ;;
    esac
    ${CC%gcc}strip --strip-debug "$out"
}

if [ "${1:-}" = bench ]; then
    mkdir -p bin/bench
    build bin/bench/sieve.elf  sieve.c  -DROUNDS=400
    build bin/bench/lcg.elf    lcg.c    -DROUNDS=40000000
    build bin/bench/crc.elf    crc.c    -DROUNDS=2000
    build bin/bench/matmul.elf matmul.c -DROUNDS=1500
    build bin/bench/fib.elf    fib.c    -DN=27 -DROUNDS=30
    build bin/bench/smc.elf    smc.c    -DROUNDS=2000

    # The same for Linux in user mode, which qemu-riscv64 runs as well; and one that does next to nothing, to know what starting costs.
    START=user
    mkdir -p bin/bench/user
    build bin/bench/user/sieve.elf   sieve.c  -DLINUX_USER -DROUNDS=800
    build bin/bench/user/lcg.elf     lcg.c    -DLINUX_USER -DROUNDS=80000000
    build bin/bench/user/crc.elf     crc.c    -DLINUX_USER -DROUNDS=4000
    build bin/bench/user/matmul.elf  matmul.c -DLINUX_USER -DROUNDS=3000
    build bin/bench/user/fib.elf     fib.c    -DLINUX_USER -DN=27 -DROUNDS=60
    build bin/bench/user/nothing.elf fib.c    -DLINUX_USER -DN=1 -DROUNDS=1

    # And for qemu-system-riscv64 -M virt -bios none.
    START=virt
    mkdir -p bin/bench/virt
    build bin/bench/virt/sieve.elf   sieve.c  -DVIRT -DROUNDS=800
    build bin/bench/virt/lcg.elf     lcg.c    -DVIRT -DROUNDS=80000000
    build bin/bench/virt/crc.elf     crc.c    -DVIRT -DROUNDS=4000
    build bin/bench/virt/matmul.elf  matmul.c -DVIRT -DROUNDS=3000
    build bin/bench/virt/fib.elf     fib.c    -DVIRT -DN=27 -DROUNDS=60
    build bin/bench/virt/nothing.elf fib.c    -DVIRT -DN=1 -DROUNDS=1
    exit 0
fi
mkdir -p bin
for name in spinlock smc sieve lcg crc matmul fib dirty hotplug moving; do
    build "bin/$name.elf" "$name.c"
done
build bin/flush.elf flush.S
ARCH=rv64imac_zicsr_zifencei
for name in interrupts vm straddle display; do
    build "bin/$name.elf" "$name.c"
done
build bin/display-alias.elf display.c -DALIAS
build bin/display-remap.elf display.c -DREMAP
