#!/bin/bash
# What the kernel's look at addresses costs a packet: CPU of a sender over veth, whose packets pass a capture socket that wants none of them.
#
# usage: sudo scripts/filter-cost.sh [ROUNDS] [PACKETS]
#
# Needs trafgen (netsniff-ng); builds the benchmark's classes unless CLASSPATH is set. The filters take turns; the least of all rounds counts.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-7}
packets=${2:-1000000}
. scripts/veth-lab.sh

# UDP from 10.99.0.2 to 10.99.0.1, which are no pods.
cat >"$folder/frame" <<'F'
{ fill(0xff, 6), 0x02, 0, 0, 0, 0, 0x0b, 0x08, 0x00, 0x45, 0, 0, 50, 0, 1, 0, 0, 64, 17, 0, 0, 10, 99, 0, 2, 10, 99, 0, 1, fill(0, 30) }
F

mkfifo "$folder/in"
ip netns exec "$name-a" "$java" -Xmx64m --enable-native-access=ALL-UNNAMED -cp "$CLASSPATH" \
    io.hindsight.agent.capture.linux.FilterCost <"$folder/in" >"$folder/out" 2>"$folder/err" &
pids+=($!)
exec 3>"$folder/in"

TIMEFORMAT='%U %S'
declare -A least
for _ in $(seq "$rounds"); do
    for pods in 0 1 30 250; do
        lines=$(wc -l <"$folder/out")
        echo "$pods" >&3
        for _ in $(seq 100); do [ "$(wc -l <"$folder/out")" -gt "$lines" ] && break; sleep 0.1; done
        spent=$( { time timeout 60 ip netns exec "$name-b" trafgen -q -P 1 -n "$packets" -o cb -i "$folder/frame" >/dev/null 2>&1; } 2>&1 |
            awk -v n="$packets" '{ printf "%.0f", ($1 + $2) * 1e9 / n }')
        if [ -z "${least[$pods]:-}" ] || [ "$spent" -lt "${least[$pods]}" ]; then least[$pods]=$spent; fi
    done
done
sort -u "$folder/out"
for pods in 0 1 30 250; do echo "pods=$pods cpuNsPerPacketSent=${least[$pods]}"; done
exec 3>&-
