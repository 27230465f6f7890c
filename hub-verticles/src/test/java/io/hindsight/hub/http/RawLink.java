package io.hindsight.hub.http;

import io.hindsight.bus.LinkProtocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The bytes of a request for a link. */
final class RawLink {
    private RawLink() {}

    /** The problem with which the Hub answers these bytes; the connection may stay open behind it. */
    static String refusal(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            StringBuilder answer = new StringBuilder();
            for (int next = socket.getInputStream().read(); next >= 0; next = socket.getInputStream().read()) {
                answer.append((char) next);
                if (next == '}') {
                    return answer.toString();
                }
            }
            return answer.toString();
        }
    }

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
