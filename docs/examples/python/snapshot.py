#!/usr/bin/env python3
"""Lists the nodes, freezes a window, follows the snapshot and prints how it ended.

    HINDSIGHT_TOKEN=... python3 snapshot.py https://hub.example:8899             the last minute
    HINDSIGHT_TOKEN=... python3 snapshot.py https://hub.example:8899 FROM TO     2026-11-22T20:00:00Z 2026-11-22T20:05:00Z

Plain WebSocket (RFC 6455), and nothing but the standard library. Without a token where the Hub asks for none. A Hub with a certificate of your own:
SSL_CERT_FILE=ca.pem.
"""

import base64
import hashlib
import json
import os
import socket
import ssl
import struct
import sys
import urllib.parse
import uuid

PATH = "/api/v1/eventbus/websocket"
ENDED = {"COMPLETE", "PARTIAL", "FAILED", "CANCELLED"}
MAX_MESSAGE = 16 << 20
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


class Failure(Exception):
    """What the Hub refused, in its own words."""


class WebSocket:
    """A client's side of a WebSocket that carries texts."""

    def __init__(self, url, token):
        parts = urllib.parse.urlsplit(url)
        tls = parts.scheme == "https"
        port = parts.port or (443 if tls else 80)
        self.socket = socket.create_connection((parts.hostname, port), timeout=60)
        if tls:
            self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=parts.hostname)
        self.stream = self.socket.makefile("rb")
        self.shake_hands(parts.netloc, token)

    def shake_hands(self, host, token):
        key = base64.b64encode(os.urandom(16)).decode()
        head = [
            f"GET {PATH} HTTP/1.1",
            f"Host: {host}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
        ]
        if token:
            head.append(f"Authorization: Bearer {token}")
        self.socket.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        status = self.stream.readline(1024).decode().split(" ", 2)
        headers = {}
        while True:
            line = self.stream.readline(8192).decode().strip()
            if not line:
                break
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        if len(status) < 2 or status[1] != "101":
            problem = self.stream.read(int(headers.get("content-length", 0))).decode()
            raise Failure(f"the Hub did not let us in: {problem or status}")
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        if headers.get("sec-websocket-accept") != base64.b64encode(digest).decode():
            raise Failure("whoever answered speaks no WebSocket")

    def send(self, text):
        self.frame(TEXT, text.encode())

    def frame(self, kind, data):
        """One frame, masked as a client's are; the Hub takes up to 64 KiB in one."""
        mask = os.urandom(4)
        length = len(data)
        if length < 126:
            head = struct.pack("!BB", 0x80 | kind, 0x80 | length)
        else:
            head = struct.pack("!BBH", 0x80 | kind, 0x80 | 126, length)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
        self.socket.sendall(head + mask + masked)

    def exactly(self, length):
        data = self.stream.read(length)
        if len(data) != length:
            raise Failure("the connection broke")
        return data

    def receive(self):
        """The next text; answers pings on the way."""
        message = b""
        while True:
            first, length = struct.unpack("!BB", self.exactly(2))
            if length == 126:
                (length,) = struct.unpack("!H", self.exactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", self.exactly(8))
            if length + len(message) > MAX_MESSAGE:
                raise Failure("a message is too long")
            data, kind = self.exactly(length), first & 0x0F
            if kind == PING:
                self.frame(PONG, data)
            elif kind == CLOSE:
                raise Failure(f"the Hub closed the connection: {data[2:].decode()}")
            elif kind in (TEXT, BINARY, CONTINUATION):
                message += data
                if first & 0x80:
                    return message.decode()


class Bus:
    """The Hub's event bus over its bridge."""

    def __init__(self, url, token):
        self.socket = WebSocket(url, token)
        self.events = []

    def register(self, address):
        self.socket.send(json.dumps({"type": "register", "address": address}))

    def ask(self, address, action, body, **headers):
        """Sends, and waits for the answer; what comes meanwhile for registered addresses is kept."""
        reply = str(uuid.uuid4())
        message = {
            "type": "send",
            "address": address,
            "headers": {"action": action, **headers},
            "body": body,
            "replyAddress": reply,
        }
        self.socket.send(json.dumps(message))
        while True:
            answer = self.next()
            if answer.get("address") == reply:
                return answer["body"]
            self.events.append(answer)

    def next(self):
        """The next message; raises what failed."""
        message = json.loads(self.socket.receive())
        if message["type"] == "err":
            raise Failure(f"error {message['failureCode']}: {json.loads(message['message'])['message']}")
        return message

    def event(self):
        return self.events.pop(0) if self.events else self.next()


def main(hub="http://127.0.0.1:8899", start=None, end=None):
    bus = Bus(hub, os.environ.get("HINDSIGHT_TOKEN"))
    for node in bus.ask("hindsight.nodes", "LIST", {})["nodes"]:
        print("node", node["node"])
    bus.register("hindsight.events")
    window = {"from": start, "to": end} if start else {"last": "1m"}
    key = str(uuid.uuid4())  # sent again after a broken connection, it makes no second one
    snapshot = bus.ask(
        "hindsight.snapshots", "CREATE", {"name": "from-python", **window}, **{"idempotency-key": key}
    )
    print("snapshot", snapshot["id"])
    while snapshot["state"] not in ENDED:
        event = bus.event()["body"]
        if event.get("type") == "snapshot" and event["snapshot"]["id"] == snapshot["id"]:
            snapshot = event["snapshot"]
            print(snapshot["state"], snapshot["bytes"], "bytes")
    print(f"snapshot {snapshot['id']} ended: {snapshot['state']}")
    return 0 if snapshot["state"] in ("COMPLETE", "PARTIAL") else 1


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:4]))
    except (Failure, OSError) as failure:
        sys.exit(str(failure))
