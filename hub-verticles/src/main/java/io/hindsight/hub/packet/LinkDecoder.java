package io.hindsight.hub.packet;

import static io.hindsight.hub.packet.LinkDescriptor.ETHER_TYPE_IPV4;
import static io.hindsight.hub.packet.LinkDescriptor.ETHER_TYPE_IPV6;

import java.lang.foreign.MemorySegment;

/** Finds the IP header behind a link layer's. Stateless; allocates nothing. */
final class LinkDecoder {
    /** There is no IP header. */
    static final int NONE = -1;

    private LinkDecoder() {}

    /**
     * How far behind {@code offset} the IP header begins; what stands there is to be checked by its version.
     *
     * @param length bytes that may be read
     * @return bytes, or {@link #NONE}
     */
    static int ipOffset(MemorySegment segment, long offset, int length, int linkType) {
        return switch (linkType) {
            case LinkDescriptor.ETHERNET ->
                    behindTags(
                            segment,
                            offset,
                            length,
                            LinkDescriptor.ETHERNET_TYPE_OFFSET,
                            LinkDescriptor.ETHERNET_LENGTH);
            case LinkDescriptor.LINUX_SLL ->
                    cooked(
                            segment,
                            offset,
                            length,
                            LinkDescriptor.SLL_HARDWARE_OFFSET,
                            LinkDescriptor.SLL_PROTOCOL_OFFSET,
                            LinkDescriptor.SLL_LENGTH);
            case LinkDescriptor.LINUX_SLL2 ->
                    cooked(
                            segment,
                            offset,
                            length,
                            LinkDescriptor.SLL2_HARDWARE_OFFSET,
                            LinkDescriptor.SLL2_PROTOCOL_OFFSET,
                            LinkDescriptor.SLL2_LENGTH);
            case LinkDescriptor.NULL, LinkDescriptor.LOOP -> family(segment, offset, length);
            case LinkDescriptor.RAW, LinkDescriptor.IPV4, LinkDescriptor.IPV6 -> 0;
            default -> NONE;
        };
    }

    private static int cooked(
            MemorySegment segment, long offset, int length, int hardwareOffset, int protocolOffset, int headerLength) {
        boolean isNetlink =
                length >= headerLength
                        && BigEndian.u16(segment, offset + hardwareOffset) == LinkDescriptor.HARDWARE_NETLINK;
        return isNetlink ? NONE : behindTags(segment, offset, length, protocolOffset, headerLength);
    }

    /** @param typeOffset of an EtherType that names what stands at {@code headerLength} */
    private static int behindTags(MemorySegment segment, long offset, int length, int typeOffset, int headerLength) {
        int typeAt = typeOffset;
        int next = headerLength;
        while (next <= length) {
            int type = BigEndian.u16(segment, offset + typeAt);
            if (!isTag(type)) {
                return type == ETHER_TYPE_IPV4 || type == ETHER_TYPE_IPV6 ? next : NONE;
            }
            typeAt = next + LinkDescriptor.TAG_TYPE_OFFSET;
            next += LinkDescriptor.TAG_LENGTH;
        }
        return NONE;
    }

    private static boolean isTag(int type) {
        return type == LinkDescriptor.ETHER_TYPE_VLAN
                || type == LinkDescriptor.ETHER_TYPE_QINQ
                || type == LinkDescriptor.ETHER_TYPE_OLD_QINQ;
    }

    private static int family(MemorySegment segment, long offset, int length) {
        if (length < LinkDescriptor.FAMILY_LENGTH) {
            return NONE;
        }
        int asItLies = BigEndian.i32(segment, offset);
        // Families are small: bits in the upper half tell that the machine had the other byte order.
        int value = asItLies >>> Short.SIZE == 0 ? asItLies : Integer.reverseBytes(asItLies);
        return switch (value) {
            case LinkDescriptor.FAMILY_INET,
                    LinkDescriptor.FAMILY_INET6_LINUX,
                    LinkDescriptor.FAMILY_INET6_OPENBSD,
                    LinkDescriptor.FAMILY_INET6_FREEBSD,
                    LinkDescriptor.FAMILY_INET6_DARWIN ->
                    LinkDescriptor.FAMILY_LENGTH;
            default -> NONE;
        };
    }
}
