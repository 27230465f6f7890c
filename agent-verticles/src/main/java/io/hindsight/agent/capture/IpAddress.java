package io.hindsight.agent.capture;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/**
 * An IPv4 or IPv6 address. IPv4 mapped into IPv6 is IPv4, because that is what packets carry. Immutable.
 *
 * @param high of IPv6, the first eight bytes; of IPv4 0
 * @param low of IPv6, the last eight bytes; of IPv4 its four
 * @param isV4 which of them it is
 */
public record IpAddress(long high, long low, boolean isV4) implements Comparable<IpAddress> {
    private static final int V4_LENGTH = 4;

    /** IPv4 mapped into IPv6, with a zone. */
    private static final int LONGEST_TEXT = 64;

    private static final Comparator<IpAddress> ORDER =
            Comparator.comparing(IpAddress::isV4)
                    .reversed()
                    .thenComparing(IpAddress::high, Long::compareUnsigned)
                    .thenComparing(IpAddress::low, Long::compareUnsigned);

    /** Reads a literal address, and no name; empty where it is none. */
    public static Optional<IpAddress> parse(String text) {
        if (text.length() > LONGEST_TEXT) {
            return Optional.empty();
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null) {
            return Optional.empty();
        }
        try {
            byte[] unmapped = InetAddress.getByAddress(bytes).getAddress();
            ByteBuffer buffer = ByteBuffer.wrap(unmapped);
            return Optional.of(
                    unmapped.length == V4_LENGTH
                            ? new IpAddress(0, Integer.toUnsignedLong(buffer.getInt()), true)
                            : new IpAddress(buffer.getLong(), buffer.getLong(), false));
        } catch (UnknownHostException impossible) {
            throw new AssertionError("an address of " + Arrays.toString(bytes), impossible);
        }
    }

    /** How many 32-bit words it has. */
    int wordCount() {
        return isV4 ? 1 : 4;
    }

    /** One of them, as packets carry it. */
    int word(int index) {
        if (isV4) {
            return (int) low;
        }
        long half = index < 2 ? high : low;
        return (int) (index % 2 == 0 ? half >>> Integer.SIZE : half);
    }

    @Override
    public int compareTo(IpAddress other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        byte[] bytes =
                isV4
                        ? ByteBuffer.allocate(V4_LENGTH).putInt((int) low).array()
                        : ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
        return NetUtil.bytesToIpAddress(bytes);
    }
}
