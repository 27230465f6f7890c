package io.hindsight.system;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;

/**
 * A packet as a capture file has it. Two are equal where time, original length and every byte are.
 *
 * @param timestampNs since 1970
 * @param originalLength on the wire
 * @param bytes as captured
 */
@SuppressWarnings("ArrayRecordComponent") // compared by content, see equals
record Packet(long timestampNs, int originalLength, byte[] bytes) {
    /** By time, then by content: the same packets give the same list, in whatever order they were captured. */
    static final Comparator<Packet> ORDER =
            Comparator.comparingLong(Packet::timestampNs)
                    .thenComparingInt(Packet::originalLength)
                    .thenComparing(Packet::bytes, Arrays::compareUnsigned);

    private static final int SHOWN_BYTES = 48;

    @Override
    public boolean equals(Object other) {
        return other instanceof Packet that && ORDER.compare(this, that) == 0;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(timestampNs) * 31 + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        String shown = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, SHOWN_BYTES));
        return "%d.%09d length=%d captured=%d %s%s"
                .formatted(
                        timestampNs / 1_000_000_000,
                        timestampNs % 1_000_000_000,
                        originalLength,
                        bytes.length,
                        shown,
                        bytes.length > SHOWN_BYTES ? "…" : "");
    }
}
