package io.hindsight.agent.capture;

import java.util.Comparator;

/** A packet as somebody saw it. Two that were seen alike are equal. */
record SeenPacket(long timestampNs, int originalLength, String hex) implements Comparable<SeenPacket> {
    private static final Comparator<SeenPacket> ORDER =
            Comparator.comparingLong(SeenPacket::timestampNs)
                    .thenComparing(SeenPacket::hex)
                    .thenComparingInt(SeenPacket::originalLength);

    @Override
    public int compareTo(SeenPacket other) {
        return ORDER.compare(this, other);
    }
}
