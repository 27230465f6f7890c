#!/bin/bash
# What capturing a 64-byte packet costs Hindsight and tcpdump, on the same packets in one run.
#
# usage: sudo scripts/capture-cost.sh [SECONDS] [AF_PACKET|PCAP4J]
#
# Needs trafgen (netsniff-ng) and tcpdump; builds the benchmark's classes unless CLASSPATH is set. Both write to memory (/dev/shm), so that no disk has a say. Three measurements; the first includes the JVM's warm-up.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-10}
source=${2:-AF_PACKET}
. scripts/veth-lab.sh

mkfifo "$folder/in"
ip netns exec "$name-a" "$java" -Xmx64m --enable-native-access=ALL-UNNAMED -cp "$CLASSPATH" \
    io.hindsight.agent.capture.CaptureCost ca "$folder" "$source" <"$folder/in" >"$folder/out" 2>"$folder/err" &
pids+=($!)
exec 3>"$folder/in"
for _ in $(seq 100); do grep -q ready "$folder/out" && break; sleep 0.2; done
grep -q ready "$folder/out" || { cat "$folder/err"; exit 1; }

cat >"$folder/frame" <<'F'
{ fill(0xff, 6), 0x02, 0, 0, 0, 0, 0x0b, 0x88, 0xb5, fill(0x55, 50) }
F

for round in 1 2 3; do
    ip netns exec "$name-a" tcpdump -i ca -p -n -B 65536 --time-stamp-precision=nano -Z root -w "$folder/t.pcap" \
        2>"$folder/tcpdump" &
    tcpdump=$!
    pids+=("$tcpdump")
    sleep 1
    timeout "$seconds" ip netns exec "$name-b" trafgen -q -P 1 -n 2000000 -o cb -i "$folder/frame" >/dev/null 2>&1 || true
    sleep 1
    ticks=$(awk '{ print $14 + $15 }' "/proc/$tcpdump/stat")
    kill -INT "$tcpdump"
    wait "$tcpdump" || true
    captured=$(awk '/packets captured/ { print $1 }' "$folder/tcpdump")
    printf x >&3
    sleep 0.5
    echo "round=$round hindsight: $(tail -1 "$folder/out")"
    echo "round=$round tcpdump:   packets=$captured $(grep 'dropped by kernel' "$folder/tcpdump" | tr ' ' '_')" \
        "cpuNsPerPacket=$((ticks * 1000000000 / $(getconf CLK_TCK) / (captured > 0 ? captured : 1)))"
    rm -f "$folder/t.pcap"
done
exec 3>&-
