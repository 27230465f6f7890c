#!/usr/bin/env bash
# Compiles the programs for the kernel. Needs clang, llvm-strip and libbpf-dev.
#
#   compile.sh                        writes the object that is committed and shipped
#   compile.sh --if-possible FOLDER   writes it to FOLDER, with the tests' own programs; nothing where the compiler is missing
#
# The object carries the digest of the files here and the compiler's name, so that a test can tell whether it was made of them.
set -euo pipefail
cd "$(dirname "$0")"

shipped=../resources/io/hindsight/agent/os/hindsight.bpf.o

# Debian keeps the version out of the plain names on some releases.
find_tool() {
    local name
    for name in "$1" "$1"-{21,20,19,18,17,16,15,14}; do
        if command -v "$name"; then
            return
        fi
    done
    return 1
}

compile() {
    local source=$1 object=$2
    # Paths stand in the object: relative ones, so that the same sources give the same bytes everywhere.
    "$clang" -target bpf -mcpu=v2 -O2 -g -fdebug-compilation-dir=. -Wall -Werror -I. \
        -DSOURCES_SHA256="\"$digest\"" -DCOMPILER="\"$compiler\"" -c "$source" -o "$object"
    "$strip" -g "$object"
}

if ! clang=$(find_tool clang) || ! strip=$(find_tool llvm-strip) || ! [[ -f /usr/include/bpf/bpf_core_read.h ]]; then
    if [[ ${1-} == --if-possible ]]; then
        exit 0
    fi
    echo 'The programs for the kernel need a compiler: sudo apt-get install -y clang llvm libbpf-dev' >&2
    exit 1
fi

digest=$(for file in *.bpf.c *.h *.sh; do printf '%s\n' "$file" && cat "$file"; done | sha256sum | cut -d' ' -f1)
libbpf=$(awk '/define LIBBPF_M(AJOR|INOR)_VERSION/ { printf "%s.", $3 }' /usr/include/bpf/libbpf_version.h)
compiler="$("$clang" --version | head -n 1), libbpf ${libbpf%.}"

if [[ ${1-} == --if-possible ]]; then
    mkdir -p "$2"
    folder=$(cd "$2" && pwd)
    compile hindsight.bpf.c "$folder/hindsight.bpf.o"
    for source in ../../test/ebpf/*.bpf.c; do
        compile "$source" "$folder/$(basename "$source" .c).o"
    done
else
    mkdir -p "$(dirname "$shipped")"
    compile hindsight.bpf.c "$shipped"
fi
