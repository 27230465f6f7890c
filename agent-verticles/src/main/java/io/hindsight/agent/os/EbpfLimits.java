package io.hindsight.agent.os;

import io.hindsight.event.OsEvent.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What the kernel programs may take of a node. Beyond it events are lost and counted; the node does not wait. Immutable.
 *
 * @param ringBytes of the kernel's buffer: a power of two and whole pages
 * @param rates by kind; a kind without has no limit
 */
record EbpfLimits(int ringBytes, Map<Kind, Rate> rates) {
    /** 4 MiB ride out a pause of the reader: 30,000 to 40,000 events of the usual sizes. */
    private static final int RING_BYTES = 4 << 20;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /**
     * Twice what a busy node shows of processes and connections; a fork bomb or a SYN flood loses events instead of filling the event ring, whose
     * history it would push out.
     */
    static final EbpfLimits DEFAULT =
            new EbpfLimits(
                    RING_BYTES,
                    Map.of(
                            Kind.FORK, new Rate(10_000, 20_000),
                            Kind.EXEC, new Rate(5_000, 10_000),
                            Kind.EXIT, new Rate(10_000, 20_000),
                            Kind.CONNECT, new Rate(10_000, 20_000),
                            Kind.ACCEPT, new Rate(10_000, 20_000),
                            Kind.STATE, new Rate(20_000, 40_000),
                            Kind.CLOSE, new Rate(10_000, 20_000),
                            Kind.OOM_KILL, new Rate(100, 1_000)));

    EbpfLimits {
        rates = Map.copyOf(rates);
        if (Integer.bitCount(ringBytes) != 1 || ringBytes < 4_096) {
            throw new IllegalArgumentException("ringBytes=" + ringBytes + " is no power of two from 4,096 on");
        }
    }

    /**
     * A token bucket.
     *
     * @param perSecond in the long run, 1 to 1,000,000,000
     * @param burst at once, at least 1
     */
    record Rate(long perSecond, long burst) {
        Rate {
            if (perSecond < 1 || perSecond > NANOS_PER_SECOND || burst < 1) {
                throw new IllegalArgumentException("perSecond=" + perSecond + ", burst=" + burst);
            }
        }

        private long intervalNs() {
            return NANOS_PER_SECOND / perSecond;
        }
    }

    /** As many for each kind. */
    static EbpfLimits of(int ringBytes, Rate rate) {
        Map<Kind, Rate> rates = new EnumMap<>(Kind.class);
        EbpfStateDescriptor.KINDS.forEach(kind -> rates.put(kind, rate));
        return new EbpfLimits(ringBytes, rates);
    }

    /** As the programs read it. */
    byte[] settings() {
        ByteBuffer settings = ByteBuffer.allocate(EbpfStateDescriptor.SETTINGS_LENGTH).order(ByteOrder.nativeOrder());
        List<Kind> kinds = EbpfStateDescriptor.KINDS;
        for (int n = 0; n < kinds.size(); n++) {
            Rate rate = rates.get(kinds.get(n));
            if (rate != null) {
                settings.putLong(EbpfStateDescriptor.INTERVAL_OFFSET + n * Long.BYTES, rate.intervalNs());
                settings.putLong(EbpfStateDescriptor.BURST_OFFSET + n * Long.BYTES, rate.intervalNs() * rate.burst());
            }
        }
        return settings.array();
    }
}
