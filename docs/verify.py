#!/usr/bin/env python3
"""Verifies a Hindsight snapshot from FORMAT.md alone: no code is shared with Hindsight, nothing but the standard library is used.

    verify.py [--json] FOLDER          a sealed snapshot
    verify.py [--json] --chunks FILE   a file of chunks, one after the other
    verify.py [--json] --custody PATH  a custody log: its folder, or one file of it
    verify.py [--json] --ring FILE     a ring of a recorder that does not run: its sealed chunks, and what was committed of open ones

Exit status: 0 intact, 3 not, 2 usage. Reads one chunk at a time; at some 7 MB/s, because the CRCs are computed in Python.
"""

import argparse
import errno
import hashlib
import json
import os
import re
import stat
import struct
import sys
from datetime import datetime, timedelta, timezone

SHB, IDB, EPB, JOURNAL = 0x0A0D0D0A, 1, 6, 9
HEADER_OFFSET, HEADER_LENGTH = 28, 88
MIN_SHB, MAX_SHB, MAX_CHUNK = 120, 4096, 128 << 20
HEADER = struct.Struct("<4sHBBHHI8sQqq4q4s4s")
INDEX_HEADER = struct.Struct("<4sHH8s4s4s")
INDEX_RECORD = struct.Struct("<QQQqqIBBH32s4s4s")
SOURCES = {1: "packets", 2: "kubernetes", 3: "os"}
DROP_CAUSES = ("kernel", "ring", "oversize", "rate_limit")
MAX_FIELDS = 1024
MAX_TIME = (1 << 63) - 1


class Violation(Exception):
    """Bytes that are not what FORMAT.md says."""


def require(holds, problem):
    if not holds:
        raise Violation(problem)


def open_regular(path):
    """Opens a file of a folder that may hold anything: no symbolic link is followed, no pipe waited for."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise OSError(errno.EINVAL, "no regular file stands there", path)
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")


# Section "Conventions": CRC32C, four bytes at a time.


def _crc_tables():
    tables = [[], [], [], []]
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        tables[0].append(value)
    for k in (1, 2, 3):
        for byte in range(256):
            previous = tables[k - 1][byte]
            tables[k].append((previous >> 8) ^ tables[0][previous & 0xFF])
    return tables


T0, T1, T2, T3 = _crc_tables()


def crc32c(data):
    crc = 0xFFFFFFFF
    whole = len(data) & ~3
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        crc ^= word
        crc = T3[crc & 0xFF] ^ T2[crc >> 8 & 0xFF] ^ T1[crc >> 16 & 0xFF] ^ T0[crc >> 24]
    for byte in data[whole:]:
        crc = crc >> 8 ^ T0[(crc ^ byte) & 0xFF]
    return struct.pack("<I", crc ^ 0xFFFFFFFF)


def node_hash(name):
    return hashlib.sha256(name.encode()).digest()[:8]


def u32(data, offset):
    return struct.unpack_from("<I", data, offset)[0]


# Section 1: chunks.


def shb_length(start):
    """H, from the first bytes of a chunk."""
    require(len(start) >= MIN_SHB, f"only {len(start)} bytes are left for a Section Header Block")
    require(u32(start, 0) == SHB, "no Section Header Block starts here")
    require(u32(start, 8) == 0x1A2B3C4D, "the byte-order magic is wrong")
    length = u32(start, 4)
    require(MIN_SHB <= length <= MAX_SHB and length % 4 == 0, f"the Section Header Block's length {length} is not possible")
    return length


def chunk_length(start):
    """Length of the whole chunk that starts with these bytes."""
    length = shb_length(start)
    section = struct.unpack_from("<q", start, 16)[0]
    require(section != -1, "the chunk is still open")
    require(0 <= section <= MAX_CHUNK - length and section % 4 == 0, f"the section length {section} is not possible")
    return length + section


def check_chunk(chunk):
    """All of section 1.4. Returns what the chunk says of itself."""
    length = shb_length(chunk)
    require(len(chunk) == chunk_length(chunk), "the chunk is cut off")
    require(u32(chunk, length - 4) == length, "the Section Header Block does not end with its length")
    code, value_length = struct.unpack_from("<HH", chunk, 24)
    require(code == 0xC853 and value_length == HEADER_LENGTH, "the first option is not a chunk header")
    (magic, version, source, flags, writer, _, count, node, sequence, first, last, *rest) = HEADER.unpack_from(
        chunk, HEADER_OFFSET
    )
    drops, body_crc, header_crc = rest[:4], rest[4], rest[5]
    require(magic == b"HSCK", "the chunk header's magic is wrong")
    require(version == 1, f"the chunk's format version {version} is not known")
    crc_at = HEADER_OFFSET + HEADER_LENGTH - 4
    covered = chunk[:crc_at] + bytes(4) + chunk[crc_at + 4 : length]
    require(header_crc == crc32c(covered), "the header CRC32C does not match")
    require(body_crc == crc32c(chunk[length:]), "the body CRC32C does not match")
    require(source in SOURCES, f"the source {source} is not known")
    require(1 <= sequence < 1 << 63, f"the sequence {sequence} is not possible")
    require(count < 1 << 31 and min(drops) >= 0, "a counter is below zero")
    require(first <= last, "the first timestamp is after the last")
    times, interfaces = check_body(chunk, length, source)
    require(len(times) == count, f"the chunk holds {len(times)} records, its header says {count}")
    if times:
        require((min(times), max(times)) == (first, last), "the records' times are not those of the header")
    return {
        "source": source,
        "flags": flags,
        "writer": writer,
        "count": count,
        "node": node,
        "sequence": sequence,
        "first": first,
        "last": last,
        "drops": drops,
        "interfaces": interfaces,
    }


def check_body(chunk, start, source):
    times, interfaces = [], []
    for kind, block in blocks(chunk, start):
        require(kind != SHB, "another section starts inside the chunk")
        if kind == IDB:
            interfaces.append(interface(block))
        elif kind == EPB:
            require(source == 1, "a packet in a chunk of events")
            require(len(block) >= 32, "a packet block is too short")
            number, high, low, captured = struct.unpack_from("<IIII", block, 8)
            require(number < len(interfaces), f"interface {number} is not described")
            require(captured <= len(block) - 32, "the captured length does not fit into its block")
            times.append(signed(high << 32 | low))
        elif kind == JOURNAL:
            require(source != 1, "an event in a chunk of packets")
            times.append(journal_time(block[8:-4]))
    return times, interfaces


def blocks(chunk, offset):
    while offset < len(chunk):
        left = len(chunk) - offset
        require(left >= 12, f"no block at {offset}: only {left} bytes are left")
        length = u32(chunk, offset + 4)
        require(12 <= length <= left and length % 4 == 0, f"no block at {offset}: length {length}")
        require(u32(chunk, offset + length - 4) == length, f"no block at {offset}: it does not end with its length")
        yield u32(chunk, offset), chunk[offset : offset + length]
        offset += length


def interface(block):
    require(len(block) >= 20, "an interface block is too short")
    name, resolution, at, end = "", 6, 16, len(block) - 4
    while at < end:
        require(end - at >= 4, "an option has no room")
        code, length = struct.unpack_from("<HH", block, at)
        if code == 0:
            break
        padded = (length + 3) & ~3
        require(padded <= end - at - 4, "an option does not fit into its block")
        value = block[at + 4 : at + 4 + length]
        if code == 2:
            name = value.decode("utf-8", "replace")
        elif code == 9:
            require(length == 1, "the timestamp resolution is not one byte")
            resolution = value[0]
        at += 4 + padded
    require(resolution == 9, "the interface's times are not in nanoseconds")
    return {"name": name, "linkType": struct.unpack_from("<H", block, 8)[0]}


def signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


# Section 2: journal entries.


def journal_fields(entry):
    at, count = 0, 0
    while len(entry) - at >= 4 or any(entry[at:]):
        name_end = re.compile(rb"[=\n]").search(entry, at, at + 65)
        require(name_end is not None and name_end.start() > at, "no journal field name")
        name = entry[at : name_end.start()].decode("latin-1")
        if name_end.group() == b"=":
            end = entry.find(b"\n", name_end.end())
            require(end >= 0, "a journal field does not end")
            value = entry[name_end.end() : end]
        else:
            start = name_end.end() + 8
            require(start < len(entry), "a binary journal field has no room")
            length = struct.unpack_from("<Q", entry, name_end.end())[0]
            require(length < len(entry) - start, "a binary journal field does not fit")
            end = start + length
            require(entry[end] == 10, "a binary journal field does not end with a line feed")
            value = entry[start:end]
        count += 1
        require(count <= MAX_FIELDS, "too many journal fields")
        yield name, value
        at = end + 1


def journal_time(entry):
    fields = {}
    for name, value in journal_fields(entry):
        fields.setdefault(name, value)
    if "HINDSIGHT_TIME_NS" in fields:
        return decimal(fields["HINDSIGHT_TIME_NS"])
    require("__REALTIME_TIMESTAMP" in fields, "a journal entry has no time")
    micros = decimal(fields["__REALTIME_TIMESTAMP"])
    require(0 <= micros <= MAX_TIME // 1000, "a journal entry's time is beyond 64 bits of ns")
    return micros * 1000


def decimal(value):
    require(re.fullmatch(rb"-?[0-9]{1,20}", value) and len(value) <= 20, f"{value!r} is not a decimal number")
    require(-MAX_TIME - 1 <= int(value) <= MAX_TIME, f"{value!r} is beyond 64 bits")
    return int(value)


# Section 3: rings.

PAGE, RING_HEADER = 4096, struct.Struct("<4sHBB8sQI4sq4s")
SLOT = struct.Struct("<QI4sqqIIHHI16s")
SLOT_OPEN, SLOT_SEALED = 1, 2


def verify_ring(path):
    findings, name = Findings(), os.path.basename(path)
    chunks = packets = events = size = 0
    with open(path, "rb") as file:
        header = file.read(PAGE)
        try:
            require(len(header) == PAGE, "the ring is shorter than its header")
            (magic, version, source, _, node, slot_size, slot_count, _, _, crc) = RING_HEADER.unpack_from(header)
            require(magic == b"HSRG" and crc == crc32c(header[:40]), "the ring's header is broken")
            require(version == 1 and source in SOURCES, "the ring's version or source is not known")
            slots_offset = -(-(PAGE + slot_count * SLOT.size) // PAGE) * PAGE
            require(0 < slot_size <= MAX_CHUNK and slot_size % PAGE == 0, "the slot size is not possible")
            length = os.fstat(file.fileno()).st_size
            require(length == slots_offset + slot_count * slot_size, "the ring's length does not fit its header")
        except Violation as e:
            findings.add(name, str(e))
            slot_count = 0
        directory = file.read(slot_count * SLOT.size)
        for slot in range(slot_count):
            (sequence, committed, body_crc, first, last, count, state, *_) = SLOT.unpack_from(directory, slot * SLOT.size)
            if state not in (SLOT_OPEN, SLOT_SEALED) or committed == 0:
                continue
            offset = slots_offset + slot * slot_size
            file.seek(offset)
            chunk = file.read(min(committed, slot_size))
            try:
                if state == SLOT_SEALED:
                    found = check_chunk(chunk[: chunk_length(chunk)])
                    require(len(chunk) == committed == chunk_length(chunk), "the committed length is not the chunk's")
                    require(found["node"] == node, "the chunk is of another node than the ring")
                    require(found["sequence"] == sequence, "the slot's sequence is not the chunk's")
                    require((found["first"], found["last"]) == (first, last), "the slot's times are not the chunk's")
                    records = found["count"]
                else:
                    body = shb_length(chunk)
                    require(body_crc == crc32c(chunk[body:]), "the committed CRC32C does not match")
                    records = len(check_body(chunk, body, source)[0])
                require(records == count or state == SLOT_OPEN, "the slot's record count is not the chunk's")
            except Violation as e:
                findings.add(name, str(e), slot, offset)
                continue
            chunks, size = chunks + 1, size + len(chunk)
            packets, events = packets + records * (source == 1), events + records * (source != 1)
    found = report(findings, [], None)
    found.update(chunks=chunks, packets=packets, records=events, bytes=size)
    return found


# Section 4: snapshots.

DERIVED_FILES = {"resolution.json", "timeline.json"}


class Findings:
    def __init__(self):
        self.violations = []

    def add(self, file, detail, chunk=None, offset=None):
        self.violations.append({"file": file, "chunk": chunk, "offset": offset, "detail": detail})


class DataFile:
    """Reads a file of chunks from first byte to last."""

    def __init__(self, path, findings, node=None):
        self.name = os.path.basename(path)
        self.findings = findings
        self.node = node
        self.records = []  # as the index should have them
        self.chunk_digests = []
        self.interfaces = []
        self.drops = dict.fromkeys(DROP_CAUSES, 0)
        self.packets = self.events = self.bytes = 0
        self.first = self.last = None
        self._sequences = {}
        digest = hashlib.sha256()
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            while self.bytes < size:
                chunk = self._next(file, size)
                digest.update(chunk)
                self.bytes += len(chunk)
        self.sha256 = digest.hexdigest()

    def _next(self, file, size):
        offset, number = self.bytes, len(self.records)
        start = file.read(min(24 + MIN_SHB, size - offset))
        try:
            length = chunk_length(start)
            require(length <= size - offset, f"the chunk has {length} bytes, the file only {size - offset} more")
        except Violation as e:
            self.findings.add(self.name, str(e), number, offset)
            return start + file.read()
        chunk = start[:length] + file.read(max(0, length - len(start)))
        file.seek(offset + length)
        try:
            self._add(check_chunk(chunk), chunk)
        except Violation as e:
            self.findings.add(self.name, str(e), number, offset)
            self.records.append(None)
            self.chunk_digests.append(hashlib.sha256(chunk).digest())
        return chunk

    def _add(self, header, chunk):
        digest = hashlib.sha256(chunk).digest()
        require(self.node is None or header["node"] == node_hash(self.node), f"the chunk is not of node {self.node}")
        source, sequence = header["source"], header["sequence"]
        require(sequence > self._sequences.get(source, 0), f"the sequence {sequence} is out of order")
        self._sequences[source] = sequence
        self.records.append(
            (self.bytes, len(chunk), sequence, header["first"], header["last"], header["count"], source)
            + (header["flags"], header["writer"], digest)
        )
        self.chunk_digests.append(digest)
        if source == 1:
            self.packets += header["count"]
        else:
            self.events += header["count"]
        for cause, count in zip(DROP_CAUSES, header["drops"]):
            self.drops[cause] += count
        for each in header["interfaces"]:
            if each not in self.interfaces:
                self.interfaces.append(each)
        if header["count"]:
            self.first = header["first"] if self.first is None else min(self.first, header["first"])
            self.last = header["last"] if self.last is None else max(self.last, header["last"])


def check_index(path, data, node, findings):
    name = os.path.basename(path)
    with open_regular(path) as file:
        content = file.read()
    try:
        require(len(content) >= INDEX_HEADER.size, "the index is too short")
        magic, version, record_length, owner, _, crc = INDEX_HEADER.unpack_from(content)
        require(magic == b"HSIX", "the index's magic is wrong")
        require(crc == crc32c(content[:20]), "the index header's CRC32C does not match")
        require(version == 1 and record_length == INDEX_RECORD.size, "the index's format is not known")
        require(owner == node_hash(node), f"the index is not of node {node}")
        count, rest = divmod(len(content) - INDEX_HEADER.size, INDEX_RECORD.size)
        require(rest == 0, "the index ends within a record")
        require(count == len(data.records), f"the index has {count} records, the data file {len(data.records)} chunks")
    except Violation as e:
        findings.add(name, str(e))
        return hashlib.sha256(content).hexdigest(), len(content)
    for number, expected in enumerate(data.records):
        at = INDEX_HEADER.size + number * INDEX_RECORD.size
        *found, _, crc = INDEX_RECORD.unpack_from(content, at)
        if crc != crc32c(content[at : at + INDEX_RECORD.size - 4]):
            findings.add(name, "the index record's CRC32C does not match", number, at)
        elif expected is not None and tuple(found) != expected:
            findings.add(name, f"the index has {found}, the chunk is {expected}", number, at)
    return hashlib.sha256(content).hexdigest(), len(content)


def merkle_root(digests):
    if not digests:
        return hashlib.sha256(b"").digest()
    if len(digests) == 1:
        return hashlib.sha256(b"\x00" + digests[0]).digest()
    k = 1
    while k * 2 < len(digests):
        k *= 2
    return hashlib.sha256(b"\x01" + merkle_root(digests[:k]) + merkle_root(digests[k:])).digest()


def iso_to_ns(text):
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?Z", text)
    require(match is not None, f"{text} is no time")
    minutes = datetime.strptime(match[1], "%Y-%m-%dT%H:%M").replace(tzinfo=timezone.utc)
    since = minutes - datetime(1970, 1, 1, tzinfo=timezone.utc)
    seconds = since // timedelta(seconds=1) + int(match[2] or 0)
    return seconds * 1_000_000_000 + int((match[3] or "0").ljust(9, "0"))


def read_manifest(folder):
    with open_regular(os.path.join(folder, "manifest.json")) as file:
        content = file.read((64 << 20) + 1)
    require(len(content) <= 64 << 20, "the manifest is too long")
    try:
        manifest = json.loads(content.decode())
        require(isinstance(manifest, dict), "the manifest is not an object")
    except ValueError as e:
        raise Violation(f"the manifest is not JSON: {e}") from e
    folder_name = os.path.basename(os.path.abspath(folder))
    require(
        not re.fullmatch(r"\d{8}-\d{6}-[a-z2-7]{6}", folder_name) or manifest.get("id") == folder_name,
        f"the manifest is of snapshot {manifest.get('id')}, the folder of {folder_name}",
    )
    require(manifest.get("formatVersion") == 1, "the manifest's format version is not known")
    digest = str(manifest.get("digest", "")).encode()
    at = content.rfind(digest)
    require(re.fullmatch(rb"[0-9a-f]{64}", digest) and at >= 0, "the manifest carries no digest")
    blank = content[:at] + b"0" * 64 + content[at + 64 :]
    require(hashlib.sha256(blank).hexdigest().encode() == digest, "the manifest does not match its own digest")
    return manifest


def check_digest_list(folder, names, findings):
    listed = {}
    with open_regular(os.path.join(folder, "manifest.sha256")) as file:
        *lines, rest = file.read().decode("utf-8", "replace").split("\n")
        if rest:
            findings.add("manifest.sha256", "its last line does not end")
        for line in lines:
            match = re.fullmatch(r"([0-9a-f]{64})  ([^/]+)", line)
            if match:
                listed[match[2]] = match[1]
            else:
                findings.add("manifest.sha256", f"not a digest and a name: {line!r}")
    if list(listed) != sorted(names):
        findings.add("manifest.sha256", f"it lists {list(listed)}, the snapshot has {sorted(names)}")
    for name in sorted(names & listed.keys()):
        digest = hashlib.sha256()
        with open_regular(os.path.join(folder, name)) as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                digest.update(piece)
        if digest.hexdigest() != listed[name]:
            findings.add(name, "its SHA-256 is not the one in manifest.sha256")
    for name in sorted(set(os.listdir(folder)) - names - {"manifest.sha256"}):
        findings.add(name, "it does not belong to the snapshot")


def check_claims(subject, claims, findings):
    for field, claimed, found in claims:
        if claimed != found:
            findings.add("manifest.json", f"the manifest says {field}={claimed} of {subject}, the files hold {found}")


def check_derived(folder, files, findings):
    """Section 4.5."""
    for file in files:
        digest, length = hashlib.sha256(), 0
        with open_regular(os.path.join(folder, file["name"])) as content:
            for piece in iter(lambda: content.read(1 << 20), b""):
                digest.update(piece)
                length += len(piece)
        claims = [("bytes", file["bytes"], length), ("sha256", file["sha256"], digest.hexdigest())]
        check_claims("the file " + file["name"], claims, findings)


def check_clock(node, findings):
    """What no file determines, but what could not have been written: section 4.2."""
    clock = node.get("clock")
    if clock is not None:
        iso_to_ns(clock["measuredAt"])
        if type(clock["offsetNs"]) is not int or type(clock["errorNs"]) is not int or clock["errorNs"] < 0:
            findings.add("manifest.json", f"the clock offset of node {node['node']} is not possible: {clock}")


def check_node(folder, node, findings):
    data = DataFile(os.path.join(folder, node["data"]["name"]), findings, node["node"])
    index_sha256, index_bytes = check_index(os.path.join(folder, node["index"]["name"]), data, node["node"], findings)
    time = lambda field: iso_to_ns(node[field]) if node.get(field) is not None else None  # noqa: E731
    check_claims(
        "node " + node["node"],
        [
            ("data.bytes", node["data"]["bytes"], data.bytes),
            ("data.sha256", node["data"]["sha256"], data.sha256),
            ("index.bytes", node["index"]["bytes"], index_bytes),
            ("index.sha256", node["index"]["sha256"], index_sha256),
            ("chunks", node["chunks"], len(data.records)),
            ("packets", node["packets"], data.packets),
            ("records", node["records"], data.events),
            ("firstTimestamp", time("firstTimestamp"), data.first),
            ("lastTimestamp", time("lastTimestamp"), data.last),
            ("interfaces", node["interfaces"], data.interfaces),
            ("drops", node["drops"], {cause: count for cause, count in data.drops.items() if count}),
        ],
        findings,
    )
    return data


def verify_snapshot(folder):
    findings = Findings()
    files, root = [], None
    try:
        manifest = read_manifest(folder)
        delivered = [node for node in manifest["nodes"] if node.get("data") is not None]
        names = {"manifest.json"} | {node[kind]["name"] for node in delivered for kind in ("data", "index")}
        derived = manifest.get("derived", [])
        derived_names = [file["name"] for file in derived]
        require(set(derived_names) <= DERIVED_FILES, f"there are no such derived files: {derived_names}")
        require(len(set(derived_names)) == len(derived_names), f"a derived file comes twice: {derived_names}")
        names |= set(derived_names)
        require(all(re.fullmatch(r"(?!\.\.?$)[^/\0]+", name) for name in names), "the manifest names a file outside the folder")
        check_digest_list(folder, names, findings)
        files = [check_node(folder, node, findings) for node in delivered]
        check_derived(folder, derived, findings)
        for node in manifest["nodes"]:
            check_clock(node, findings)
        root = merkle_root([digest for data in files for digest in data.chunk_digests]).hex()
        check_claims(
            "the snapshot",
            [
                ("merkleRoot", manifest["merkleRoot"], root),
                ("bytes", manifest["bytes"], sum(data.bytes for data in files)),
                ("chunks", manifest["chunks"], sum(len(data.records) for data in files)),
                ("packets", manifest["packets"], sum(data.packets for data in files)),
                ("records", manifest["records"], sum(data.events for data in files)),
            ],
            findings,
        )
    except Violation as e:
        findings.add("manifest.json", str(e))
    except (KeyError, TypeError) as e:
        findings.add("manifest.json", f"a field is missing or of another type: {e!r}")
    except OSError as e:
        findings.add(os.path.basename(str(e.filename)), f"it cannot be read: {e.strerror}")
    return report(findings, files, root)


def verify_chunks(path):
    findings = Findings()
    data = DataFile(path, findings)
    return report(findings, [data], merkle_root(data.chunk_digests).hex())


# Section 8: the custody log.

CUSTODY_FILE = re.compile(r"custody-(\d{20})\.jsonl")
CUSTODY_LINE = re.compile(rb'(.*),"digest":"([0-9a-f]{64})"\}', re.DOTALL)
MAX_CUSTODY_LINE = 64 << 10
MAX_SEQUENCE = 1 << 53
NO_DIGEST = "0" * 64


def custody_lines(path):
    """Each line of a file without its LF, and whether there was one; a line that is too long is cut."""
    with open_regular(path) as file:
        while True:
            line = file.readline(MAX_CUSTODY_LINE + 2)
            if not line:
                return
            yield line.rstrip(b"\n"), line.endswith(b"\n")
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_CUSTODY_LINE)


def custody_entry(line):
    match = CUSTODY_LINE.fullmatch(line)
    require(match and len(line) <= MAX_CUSTODY_LINE, "the line does not end with a digest")
    digest = match[2].decode()
    require(hashlib.sha256(match[1]).hexdigest() == digest, "the line does not match the digest that it carries")
    try:
        entry = json.loads(line)
        require(type(entry["sequence"]) is int and 1 <= entry["sequence"] <= MAX_SEQUENCE, "the line has no possible sequence")
        return entry["sequence"], str(entry["previous"]), digest
    except (ValueError, KeyError, TypeError) as e:
        raise Violation("the line is no JSON object of a custody log") from e


def custody_head(folder):
    """Sequence and digest of the last line that somebody was told of; 0 where the log does not say."""
    try:
        with open_regular(os.path.join(folder, "head")) as file:
            match = re.fullmatch(rb"(\d{20}) ([0-9a-f]{64})\n", file.read(87))
    except OSError:
        match = None
    return (int(match[1]), match[2].decode()) if match and int(match[1]) <= MAX_SEQUENCE else (0, NO_DIGEST)


def custody_stands_later(files, file_index, number, last):
    for index in range(file_index, len(files)):
        for later, (line, ended) in enumerate(custody_lines(files[index]), 1):
            try:
                sequence, previous, _ = custody_entry(line) if ended else (0, "", "")
            except Violation:
                continue
            if (index > file_index or later > number) and sequence == last[0] + 1 and previous == last[1]:
                return True
    return False


def custody_misplaced(files, file_index, number, entry, last):
    """Why a sound line does not follow the one before it; None where it does."""
    sequence, previous, _ = entry
    if sequence <= last[0]:
        return "INSERTED", f"a line of sequence {sequence} stands behind sequence {last[0]}"
    if sequence == last[0] + 1 and previous == last[1]:
        return None
    later = custody_stands_later(files, file_index, number, last)
    if sequence > last[0] + 1:
        return ("REORDERED", f"sequence {last[0] + 1} stands later") if later else ("REMOVED", f"sequence {last[0] + 1} to {sequence - 1} are missing")
    return ("INSERTED", "the line that belongs here stands later") if later else ("CHANGED", "it names another line before it than the one that stands there")


def custody_fault(files, folder, head):
    """The first thing that is wrong, or None; and the last sound line."""
    name = CUSTODY_FILE.fullmatch(os.path.basename(files[0])) if files else None
    last = (0, NO_DIGEST) if folder else (int(name[1]) - 1, None) if name else None
    for index, path in enumerate(files):
        for number, (line, ended) in enumerate(custody_lines(path), 1):
            place = (os.path.basename(path), number)
            if not ended:
                if index == len(files) - 1 and 0 < head[0] <= (last or (0,))[0]:
                    continue  # being written, or never acknowledged
                return (*place, "CUT_OFF", "the file ends in the middle of this line"), last
            try:
                entry = custody_entry(line)
            except Violation as e:
                return (*place, "CHANGED", str(e)), last
            if last is None or last[1] is None and entry[0] == last[0] + 1:
                last = (entry[0] - 1, NO_DIGEST if entry[0] == 1 else entry[1])
            misplaced = custody_misplaced(files, index, number, entry, last)
            if misplaced:
                return (*place, *misplaced), last
            last = (entry[0], entry[2])
            if last[0] == head[0] and last != head:
                return (*place, "CHANGED", "the file head has another digest of this line"), last
    if folder and head[0] > (last or (0,))[0]:
        return (os.path.basename(files[-1]) if files else "head", 0, "REMOVED", f"the log's end is missing: head names sequence {head[0]}"), last
    return None, last


def verify_custody(path):
    folder = os.path.isdir(path)
    head = custody_head(path) if folder else (0, NO_DIGEST)
    files = [os.path.join(path, name) for name in sorted(os.listdir(path)) if CUSTODY_FILE.fullmatch(name)] if folder else [path]
    require(files or head[0], f"there is no custody log at {path}")
    fault, last = custody_fault(files, folder, head)
    violations = [{"file": fault[0], "chunk": None, "offset": None, "line": fault[1], "kind": fault[2], "detail": f"line {fault[1]}: {fault[3]}"}] if fault else []
    return {"intact": not fault, "files": len(files), "last": last[0] if last else 0, "digest": last[1] if last else NO_DIGEST, "violations": violations}


def report(findings, files, root):
    return {
        "intact": not findings.violations,
        "bytes": sum(data.bytes for data in files),
        "chunks": sum(len(data.records) for data in files),
        "packets": sum(data.packets for data in files),
        "records": sum(data.events for data in files),
        "merkleRoot": root,
        "violations": findings.violations,
    }


def main():
    parser = argparse.ArgumentParser(description="Verifies a Hindsight snapshot, a file of chunks or a ring. Exit status: 0 intact, 3 not, 2 usage.")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--chunks", action="store_true", help="PATH is a file of chunks, not a snapshot's folder")
    kind.add_argument("--custody", action="store_true", help="PATH is the folder of a custody log, or a file of one")
    kind.add_argument("--ring", action="store_true", help="PATH is a ring file")
    parser.add_argument("path", metavar="PATH")
    options = parser.parse_args()
    is_file = options.chunks or options.ring
    if not (os.path.exists if options.custody else os.path.isfile if is_file else os.path.isdir)(options.path):
        parser.error(f"there is no {'file' if is_file else 'folder'} {options.path}")
    check = verify_custody if options.custody else verify_chunks if options.chunks else verify_ring if options.ring else verify_snapshot
    found = check(options.path)
    if options.json:
        print(json.dumps(found))
    else:
        for each in found["violations"]:
            place = "".join(f" {key}={each[key]}" for key in ("chunk", "offset") if each[key] is not None)
            print(f"{each['file']}{place}: {each['detail']}")
        totals = " ".join(f"{key}={value}" for key, value in found.items() if key not in ("intact", "violations"))
        print(("intact " if found["intact"] else "NOT INTACT ") + totals)
    return 0 if found["intact"] else 3


if __name__ == "__main__":
    sys.exit(main())
