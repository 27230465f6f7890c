package io.hindsight.hub.flow;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** By what flows are sorted. What is equal stays in the order of first packets. */
public enum FlowSort {
    /** Both ways. */
    PACKETS,
    /** Both ways. */
    BYTES,
    /** Time of the first packet. */
    FIRST,
    /** Time of the last packet. */
    LAST,
    /** Both ways. */
    RETRANSMISSIONS,
    /** Both ways. */
    RESETS,
    /** Its 99th percentile; what has none comes last either way. */
    HANDSHAKE;

    private long value(FlowFigures figures) {
        return switch (this) {
            case PACKETS -> figures.packets();
            case BYTES -> figures.bytes();
            case FIRST -> figures.firstNs();
            case LAST -> figures.lastNs();
            case RETRANSMISSIONS -> figures.retransmissions();
            case RESETS -> figures.resets();
            case HANDSHAKE -> figures.hasHandshakes() ? figures.handshakeNs(99) : 0;
        };
    }

    Comparator<FlowFigures> comparator(boolean ascending) {
        Comparator<FlowFigures> byValue = Comparator.comparingLong(this::value);
        Comparator<FlowFigures> ordered = ascending ? byValue : byValue.reversed();
        return this == HANDSHAKE
                ? Comparator.comparing((FlowFigures figures) -> !figures.hasHandshakes()).thenComparing(ordered)
                : ordered;
    }

    /** As the API writes it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Empty where there is none of this label. */
    public static Optional<FlowSort> ofLabel(String label) {
        return Arrays.stream(values()).filter(each -> each.label().equals(label)).findFirst();
    }
}
