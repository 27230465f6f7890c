package io.hindsight.hub.http;

import io.hindsight.bus.LinkProtocol;

/** The bytes of a request for a link. */
final class RawLink {
    private RawLink() {}

    static String request(String node, String instance) {
        return head(node, instance) + "\r\n";
    }

    /** Without the empty line at its end. */
    static String head(String node, String instance) {
        return "GET "
                + LinkProtocol.LINK_PATH
                + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + LinkProtocol.NODE_HEADER
                + ": "
                + node
                + "\r\n"
                + LinkProtocol.INSTANCE_HEADER
                + ": "
                + instance
                + "\r\n"
                + LinkProtocol.VERSION_HEADER
                + ": "
                + LinkClient.VERSION
                + "\r\n";
    }
}
