package io.hindsight.system;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Times that no two sockets can agree on. Where a TCP segment of this very machine arrives over a veth, its time stamp still holds the
 * <em>delivery time</em> that the sender's TCP set, so Linux reads the clock for each capturing socket anew (skb_tstamp_cond() in the
 * kernel). For those, and for no other, a time may differ by what lies between two such readings.
 */
final class SocketStamps {
    private static final long LIMIT_NS = 50_000_000;
    private static final int SENDER_OFFSET = 11;
    private static final byte SENDER = 0x0b;
    private static final int TYPE_OFFSET = 12;
    private static final int PROTOCOL_OFFSET = 23;
    private static final int TCP = 6;

    private SocketStamps() {}

    /** The recorded packets, with the witness's time where each socket reads the clock itself. */
    static List<Packet> aligned(List<Packet> witnessed, List<Packet> recorded) {
        Map<ByteBuffer, Deque<Long>> times = new HashMap<>();
        witnessed.stream()
                .filter(SocketStamps::stampedBySocket)
                .forEach(packet ->
                        times.computeIfAbsent(ByteBuffer.wrap(packet.bytes()), key -> new ArrayDeque<>())
                                .add(packet.timestampNs()));
        return recorded.stream().map(packet -> aligned(packet, times)).toList();
    }

    private static Packet aligned(Packet packet, Map<ByteBuffer, Deque<Long>> times) {
        Deque<Long> same = stampedBySocket(packet) ? times.get(ByteBuffer.wrap(packet.bytes())) : null;
        if (same == null || same.isEmpty() || Math.abs(same.peek() - packet.timestampNs()) > LIMIT_NS) {
            return packet;
        }
        return new Packet(same.remove(), packet.originalLength(), packet.bytes());
    }

    /** Whether each socket reads the clock itself for it. */
    static boolean stampedBySocket(Packet packet) {
        byte[] bytes = packet.bytes();
        return bytes.length > PROTOCOL_OFFSET
                && bytes[SENDER_OFFSET] == SENDER
                && bytes[TYPE_OFFSET] == 0x08
                && bytes[TYPE_OFFSET + 1] == 0x00
                && bytes[PROTOCOL_OFFSET] == TCP;
    }
}
