#!/usr/bin/env bash
# How fast a window of the ring becomes a sealed, fsynced, verified snapshot, beside cp + fsync of the same bytes on the same file system.
#
# usage: scripts/freeze-speed.sh [FOLDER] [MEBIBYTES] [ROUNDS]
#
# Records a made capture file (no root needed), then takes turns: one snapshot, one copy. Both read from the page cache. Prints each
# round and the ratio of the medians. FOLDER lies on the file system to measure: /dev/shm is memory. Needs curl, jq and python3.
set -euo pipefail

program=$(cd "$(dirname "$0")/.." && pwd)/hindsight
base=${1:-${TMPDIR:-/tmp}}
mebibytes=${2:-512}
rounds=${3:-7}
folder=$(mktemp -d -p "$base" hindsight-freeze.XXXXXX)
up=

cleanup() {
    [[ -n $up ]] && kill "$up" 2>/dev/null && wait "$up" 2>/dev/null || true
    chattr -R -i "$folder" 2>/dev/null || true
    rm -rf "$folder"
}
trap cleanup EXIT

# Packets of 1,000 bytes, a microsecond apart, the first ten minutes ago.
python3 - "$folder/replay.pcap" "$mebibytes" <<'P'
import os, struct, sys, time

path, mebibytes = sys.argv[1], int(sys.argv[2])
start = time.time_ns() - 600 * 10**9
with open(path, "wb") as file:
    file.write(struct.pack("<IHHIIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
    data = os.urandom(1000)
    for i in range(mebibytes * (1 << 20) // 1036):
        seconds, nanoseconds = divmod(start + i * 1000, 10**9)
        file.write(struct.pack("<IIII", seconds, nanoseconds, 1000, 1000) + data)
P

"$program" up --data "$folder/data" --port 0 --replay "$folder/replay.pcap" --replay-speed full \
    --storage-size "$((mebibytes * 5 / 4 + 64))Mi" >"$folder/out" 2>"$folder/log" &
up=$!
for _ in $(seq 300); do
    grep -q '^ready' "$folder/out" && break
    kill -0 "$up" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
    sleep 0.2
done
hub=$(sed -n 's/^ready //p' "$folder/out")/api/v1
records() { curl -fsS "$hub/nodes" | jq '.nodes[0].sources[0].records // 0'; }
expected=$((mebibytes * 1048576 / 1036))
for _ in $(seq 300); do
    [[ $(records) -ge $expected ]] && break
    sleep 0.5
done

freeze() {
    local id state
    id=$(curl -fsS -H 'Content-Type: application/json' -d '{"last": "1h"}' "$hub/snapshots" | jq -r .id)
    while :; do
        snapshot=$(curl -fsS "$hub/snapshots/$id")
        state=$(jq -r .state <<<"$snapshot")
        [[ $state == @(COMPLETE|PARTIAL|FAILED|CANCELLED) ]] && break
        sleep 0.1
    done
    [[ $state == @(COMPLETE|PARTIAL) ]] || { echo "$snapshot" >&2; exit 1; }
}

# The API's times are exact, so that asking now and then does not count.
freeze_ms() {
    jq -r 'def ns: capture("^(?<s>[^.Z]+)(?<f>[.][0-9]+)?Z$") | ((.s + "Z") | fromdateiso8601) + ((.f // "0") | tonumber);
        ((.endedAt | ns) - (.createdAt | ns)) * 1000 | round' <<<"$snapshot"
}

copy_ms() {
    local before after
    before=$(date +%s%N)
    cp "$1" "$folder/copy"
    sync "$folder/copy"
    after=$(date +%s%N)
    rm "$folder/copy"
    echo $(((after - before) / 1000000))
}

# Processor time of the program so far; the status page and the waiting are in it, and small.
cpu_ms() { awk -v hz="$(getconf CLK_TCK)" '{ print int(($14 + $15) * 1000 / hz) }' "/proc/$up/stat"; }

median() { sort -n | sed -n "$(((rounds + 1) / 2))p"; }

freeze # the first one warms up, and is what is copied
kept=$(echo "$folder"/data/snapshots/"$(jq -r .id <<<"$snapshot")"/*.pcapng)
bytes=$(stat -c %s "$kept")
for round in $(seq "$rounds"); do
    cpu=$(cpu_ms)
    freeze
    freeze_ms >>"$folder/freezes"
    cpu=$(($(cpu_ms) - cpu))
    curl -fsS -X DELETE "$hub/snapshots/$(jq -r .id <<<"$snapshot")"
    copy_ms "$kept" >>"$folder/copies"
    echo "round=$round bytes=$bytes freezeMs=$(tail -1 "$folder/freezes") freezeCpuMs=$cpu copyMs=$(tail -1 "$folder/copies")"
done
f=$(median <"$folder/freezes") c=$(median <"$folder/copies")
echo "median freezeMs=$f copyMs=$c freezeMBps=$((bytes / 1000 / f)) speedOfCopy=$(jq -n "$c / $f * 100 | round / 100")"
