package io.hindsight.hub.export;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A packet of a nanosecond pcap file, read by code that shares nothing with the exporter. */
record PcapPacket(long timestampNs, int originalLength, String bytes) {
    static List<PcapPacket> read(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt() != 0xA1B23C4D) {
            throw new AssertionError("not a nanosecond pcap file");
        }
        in.position(24);
        List<PcapPacket> packets = new ArrayList<>();
        while (in.hasRemaining()) {
            long timestampNs = Integer.toUnsignedLong(in.getInt()) * 1_000_000_000L + in.getInt();
            byte[] data = new byte[in.getInt()];
            int originalLength = in.getInt();
            in.get(data);
            packets.add(new PcapPacket(timestampNs, originalLength, HexFormat.of().formatHex(data)));
        }
        return packets;
    }
}
