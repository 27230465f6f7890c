"""
Interfaces that come and go: churn.py BATCHES. Each sends one frame. Prints how many of them the interfaces carried, by their own counters: one
that has only just come up may drop a frame before it gets to the link.
"""

import socket
import subprocess
import sys

PER_BATCH = 20
FRAME = bytes.fromhex("02000000000b02000000000a88b5") + b"churn".ljust(46, b".")


def ip(commands):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(commands).encode(), check=True)


def packets(name):
    total = 0
    for counter in "rx_packets", "tx_packets":
        with open(f"/sys/class/net/{name}/statistics/{counter}") as value:
            total += int(value.read())
    return total


carried = 0
for batch in range(int(sys.argv[1])):
    names = [f"pod{batch}x{i}" for i in range(PER_BATCH)]
    peers = [f"peer{batch}x{i}" for i in range(PER_BATCH)]
    ip([f"link add {name} type veth peer name {peer}" for name, peer in zip(names, peers)])
    if batch % 3 == 1:
        renamed = [name.replace("x", "y") for name in names]
        ip([f"link set {old} name {new}" for old, new in zip(names, renamed)])
        names = renamed
    ip([f"link set {name} addrgenmode none up" for name in names + peers])
    for name in names:
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
            sender.bind((name, 0))
            sender.send(FRAME)
    if batch % 5 == 2:
        ip([f"link set {name} down" for name in names] + [f"link set {name} up" for name in names])
    carried += sum(packets(name) for name in names)
    ip([f"link del {name}" for name in names])
print(carried)
