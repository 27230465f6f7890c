"""Sends frames of every kind from one end of a veth pair. Usage: traffic.py INTERFACE KIND [COUNT]

No library but the socket module: what is sent is exactly what stands here.
"""
import random
import socket
import struct
import sys
import time

INTERFACE, KIND = sys.argv[1], sys.argv[2]
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 1
TARGET = bytes.fromhex("02000000000a")
SOURCE = bytes.fromhex("02000000000b")
LOCAL_EXPERIMENTAL = b"\x88\xb5"
RANDOM = random.Random(7)

out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
out.bind((INTERFACE, 0))


def frame(ethertype_on):
    out.send(TARGET + SOURCE + ethertype_on)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(payload, protocol=17, identification=1, fragment=0, host=2):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), identification, fragment, 64, protocol, 0,
                       bytes([10, 99, 0, host]), bytes([10, 99, 0, 1]))
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def udp(length, port=53):
    return struct.pack("!HHHH", 40000, port, 8 + length, 0) + RANDOM.randbytes(length)


def ipv6(payload, following=17):
    return struct.pack("!IHBB", 6 << 28, len(payload), following, 64) + b"\xfd" + b"\0" * 14 + b"\2" \
        + b"\xfd" + b"\0" * 14 + b"\1" + payload


def marker():
    frame(LOCAL_EXPERIMENTAL + b"marker " + INTERFACE.encode() + b" %08d" % COUNT + b"\0" * 40)


def sizes():
    for length in list(range(0, 80)) + list(range(80, 1473, 37)) + [1470, 1471, 1472]:
        frame(b"\x08\x00" + ipv4(udp(length)))


def vlan():
    for tag in (0, 1, 5, 0x6005, 4094):
        for length in (0, 1, 18, 100, 1400):
            frame(b"\x81\x00" + struct.pack("!H", tag) + b"\x08\x00" + ipv4(udp(length)))


def qinq():
    for length in (0, 1, 18, 100, 1400):
        frame(b"\x88\xa8\x00\x07\x81\x00\x00\x05\x08\x00" + ipv4(udp(length)))
        frame(b"\x81\x00\x00\x07\x81\x00\x00\x05\x08\x00" + ipv4(udp(length)))


def raw():
    for length in (1, 2, 10, 46, 100, 1500):
        frame(LOCAL_EXPERIMENTAL + RANDOM.randbytes(length))
        frame(struct.pack("!H", length) + RANDOM.randbytes(length))  # IEEE 802.3 length


def six():
    for length in (0, 1, 100, 1400):
        frame(b"\x86\xdd" + ipv6(udp(length)))
        frame(b"\x86\xdd" + ipv6(struct.pack("!BBHI", 17, 0, 1, 9) + udp(length), 44))


def fragments():
    datagram = udp(4000)
    for identification in range(5):
        for offset in range(0, len(datagram), 1400):
            more = 0x2000 if offset + 1400 < len(datagram) else 0
            frame(b"\x08\x00" + ipv4(datagram[offset:offset + 1400], 17, identification, more | offset // 8))


def other_ports():
    for port in (52, 53, 54):
        frame(b"\x08\x00" + ipv4(udp(64, port)))


def flood():
    for number in range(COUNT):
        frame(LOCAL_EXPERIMENTAL + struct.pack("!I", number) + b"\0" * 1390)


def small():
    for number in range(COUNT):
        frame(LOCAL_EXPERIMENTAL + struct.pack("!I", number) + b"\0" * 46)


def flows():
    for port in range(COUNT):
        frame(b"\x08\x00" + ipv4(udp(64, 1000 + port)))


def pairs():
    """Numbered, in turn from 10.99.0.2 and 10.99.0.3."""
    for number in range(COUNT):
        for host in (2, 3):
            frame(b"\x08\x00" + ipv4(struct.pack("!HHHHI", 40000, 1000 + host, 12, 0, number), host=host))
        if number % 10 == 0:
            time.sleep(0.001)


def mixed():
    for kind in (sizes, vlan, qinq, raw, six, fragments, other_ports):
        kind()


globals()[KIND]()
