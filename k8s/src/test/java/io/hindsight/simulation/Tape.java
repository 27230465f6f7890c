package io.hindsight.simulation;

import java.util.ArrayList;
import java.util.List;

/** Every packet that a node's interfaces saw, whoever recorded it: what snapshots are measured by. It outlives the node's crashes. */
final class Tape {
    private final String node;
    private final List<Packet> packets = new ArrayList<>();

    /** One packet; its content follows from its number. */
    static final class Packet {
        final int number;
        final long timeNs;
        final int length;

        /** Whether a reader may see it: its writer has published it. */
        boolean committed;

        Packet(int number, long timeNs, int length) {
            this.number = number;
            this.timeNs = timeNs;
            this.length = length;
        }
    }

    Tape(String node) {
        this.node = node;
    }

    String node() {
        return node;
    }

    Packet next(long timeNs, int length) {
        Packet packet = new Packet(packets.size(), timeNs, length);
        packets.add(packet);
        return packet;
    }

    List<Packet> packets() {
        return packets;
    }

    /** Fills memory with the packet's content. */
    static void content(Packet packet, byte[] into) {
        for (int i = 0; i < packet.length; i++) {
            into[i] = (byte) (packet.number * 31 + i * 7);
        }
        into[0] = (byte) packet.number;
        into[1] = (byte) (packet.number >> 8);
        into[2] = (byte) (packet.number >> 16);
        into[3] = (byte) (packet.number >> 24);
    }
}
