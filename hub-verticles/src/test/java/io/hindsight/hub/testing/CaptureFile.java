package io.hindsight.hub.testing;

import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;
import io.hindsight.testing.FixturePacket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads what {@code tcpdump --time-stamp-precision=nano -w} writes. */
public final class CaptureFile {
    private static final int NANOSECOND_MAGIC = 0xA1B2_3C4D;
    private static final int LINK_TYPE_OFFSET = 20;
    private static final int HEADER_LENGTH = 24;

    private CaptureFile() {}

    /** Its packets, as seen at an interface of this name. */
    public static List<FixturePacket> read(Path file, String interfaceName) {
        ByteBuffer in = ByteBuffer.wrap(bytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getInt(0) != NANOSECOND_MAGIC) {
            throw new AssertionError("not a nanosecond pcap file: " + file);
        }
        int linkType = in.getInt(LINK_TYPE_OFFSET);
        in.position(HEADER_LENGTH);
        List<FixturePacket> packets = new ArrayList<>();
        while (in.hasRemaining()) {
            long timestampNs = Integer.toUnsignedLong(in.getInt()) * 1_000_000_000L + in.getInt();
            byte[] data = new byte[in.getInt()];
            int originalLength = in.getInt();
            in.get(data);
            packets.add(
                    new FixturePacket(
                            interfaceName,
                            linkType,
                            timestampNs,
                            EnhancedPacketBlockDescriptor.DIRECTION_UNKNOWN,
                            originalLength,
                            data));
        }
        return packets;
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
