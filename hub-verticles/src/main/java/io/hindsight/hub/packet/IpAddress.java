package io.hindsight.hub.packet;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * An IP address as two numbers, so that tables need no objects: IPv6 as it lies, IPv4 as {@code ::ffff:a.b.c.d}, which is never on the wire (RFC 4291, 2.5.5.2).
 */
public final class IpAddress {
    private static final long V4_PREFIX = 0xFFFF_0000_0000L;
    private static final long V4_PREFIX_MASK = 0xFFFF_FFFF_0000_0000L;

    private IpAddress() {}

    /** The lower number of an IPv4 address; the upper one is 0. */
    public static long lowOfV4(int address) {
        return V4_PREFIX | Integer.toUnsignedLong(address);
    }

    /** Whether it is an IPv4 address. */
    public static boolean isV4(long high, long low) {
        return high == 0 && (low & V4_PREFIX_MASK) == V4_PREFIX;
    }

    /** The upper number of an address. */
    public static long high(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == Integer.BYTES ? 0 : ByteBuffer.wrap(bytes).getLong();
    }

    /** The lower number of an address. */
    public static long low(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return bytes.capacity() == Integer.BYTES ? lowOfV4(bytes.getInt()) : bytes.getLong(Long.BYTES);
    }

    /** As an object; without a name, and none is looked up. */
    public static InetAddress of(long high, long low) {
        byte[] bytes =
                isV4(high, low)
                        ? ByteBuffer.allocate(Integer.BYTES).putInt((int) low).array()
                        : ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException lengthIsRight) {
            throw new IllegalStateException(lengthIsRight);
        }
    }
}
