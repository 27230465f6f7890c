package io.hindsight.testing;

import io.hindsight.pcapng.EnhancedPacketBlockDescriptor;

/**
 * A packet for {@link ChunkFixtures}.
 *
 * @param interfaceName one IDB is written for each name and link type, in the order of first use
 * @param linkType LINKTYPE_ value
 * @param timestampNs nanoseconds since the epoch
 * @param direction of {@link EnhancedPacketBlockDescriptor}
 * @param originalLength bytes on the wire
 * @param data bytes captured
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
public record FixturePacket(
        String interfaceName, int linkType, long timestampNs, int direction, int originalLength, byte[] data) {
    /** LINKTYPE_ETHERNET. */
    public static final int ETHERNET = 1;

    /** An inbound Ethernet packet, whole. */
    public static FixturePacket ethernet(String interfaceName, long timestampNs, byte[] data) {
        return new FixturePacket(
                interfaceName,
                ETHERNET,
                timestampNs,
                EnhancedPacketBlockDescriptor.DIRECTION_INBOUND,
                data.length,
                data);
    }
}
