#!/usr/bin/env python3
"""Lists nodes and snapshots over the TCP bridge of a Hub that was started with --tcp-bridge-port PORT.

    HINDSIGHT_TOKEN=... python3 tcp.py 127.0.0.1 7000           a Hub on this machine
    HINDSIGHT_TOKEN=... python3 tcp.py hub.example 7000 tls     by TLS; a certificate of your own: SSL_CERT_FILE=ca.pem

The protocol of vertx-tcp-eventbus-bridge: a message is its length, four bytes with the highest first, and a JSON object. Nothing but the standard library.
"""

import json
import os
import socket
import ssl
import struct
import sys
import uuid

MAX_MESSAGE = 16 << 20


class Failure(Exception):
    """What the Hub refused, in its own words."""


class Bus:
    """The Hub's event bus over its TCP bridge."""

    def __init__(self, host, port, tls, token):
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        if tls:
            self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=host)
        self.stream = self.socket.makefile("rb")
        self.headers = {"authorization": f"Bearer {token}"} if token else {}

    def ask(self, address, action, body):
        reply = str(uuid.uuid4())
        # Each message shows who sends it.
        headers = {"action": action, **self.headers}
        message = {"type": "send", "address": address, "headers": headers, "body": body, "replyAddress": reply}
        data = json.dumps(message).encode()
        self.socket.sendall(struct.pack("!I", len(data)) + data)
        answer = self.receive()
        if answer["type"] == "err":
            raise Failure(f"error {answer['failureCode']}: {json.loads(answer['message'])['message']}")
        return answer["body"]

    def receive(self):
        (length,) = struct.unpack("!I", self.exactly(4))
        if length > MAX_MESSAGE:
            raise Failure("a message is too long")
        return json.loads(self.exactly(length))

    def exactly(self, length):
        data = self.stream.read(length)
        if len(data) != length:
            raise Failure("the Hub closed the connection")
        return data


def main(host="127.0.0.1", port="7000", tls=""):
    bus = Bus(host, port, tls == "tls", os.environ.get("HINDSIGHT_TOKEN"))
    for node in bus.ask("hindsight.nodes", "LIST", {})["nodes"]:
        print("node", node["node"])
    for snapshot in bus.ask("hindsight.snapshots", "LIST", {})["snapshots"]:
        print("snapshot", snapshot["id"], snapshot["state"], snapshot["bytes"], "bytes")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:4])
    except (Failure, OSError) as failure:
        sys.exit(str(failure))
