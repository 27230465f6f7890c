"""Sends packets: traffic.py LINK udp|udp-few ADDRESS, traffic.py LINK raw|vlan "", traffic.py LINK marker TEXT."""

import socket
import sys

HERE, THERE = bytes.fromhex("02000000000a"), bytes.fromhex("02000000000b")
PROTOCOL = b"\x88\xb5"  # for local experiments (IEEE 802)


def pattern(length):
    return bytes(range(256)) * (length // 256) + bytes(range(length % 256))


def udp(address, sizes):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        for size in sizes:
            sender.sendto(pattern(size), (address, 9))


def frames(link, payloads):
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
        sender.bind((link, 0))
        for payload in payloads:
            sender.send(HERE + THERE + payload)


link, kind, argument = sys.argv[1:]
if kind == "udp":
    # Every size up to what fits in a frame, then steps up to the largest datagram: fragments.
    udp(argument, [*range(0, 1500), *range(1500, 65507, 1021), 65507])
elif kind == "udp-few":
    udp(argument, [*range(0, 1600, 37), 4000, 20000, 65487])
elif kind == "raw":
    # A header alone, the sizes around Ethernet's minimum, a full frame.
    frames(link, [PROTOCOL + pattern(size) for size in [*range(0, 70), 1499, 1500]])
elif kind == "vlan":
    # The kernel takes the outer tag off on arrival and hands it over beside the packet; priority bits and all.
    tags = [b"\x81\x00\x00\x05", b"\x81\x00\xb0\x05", b"\x88\xa8\x00\x09\x81\x00\x00\x07", b"\x81\x00\x00\x09\x81\x00\x00\x07"]
    frames(link, [tag + PROTOCOL + pattern(size) for tag in tags for size in [0, 1, 40, 46, 100, 1400, 1490]])
elif kind == "marker":
    frames(link, [PROTOCOL + argument.encode()])
