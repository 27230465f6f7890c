package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client wants of a sealed snapshot. Immutable.
 *
 * @param format what to write
 * @param nodes names, in any order; empty: every node
 * @param window records outside it are left out; {@link TimeWindow#ALL}: none are
 * @param bpf packets that it does not accept are left out, in tcpdump's language; blank: none are. Journal records are not packets: no
 *     filter leaves them out
 * @param correctClocks whether each node's times are turned into the Hub's by the clock offset that the manifest has of it; then the window is of these
 *     times too
 */
public record ExportRequest(
        ExportFormat format, List<String> nodes, TimeWindow window, String bpf, boolean correctClocks) {
    public ExportRequest {
        nodes = List.copyOf(nodes);
        if (format == ExportFormat.NDJSON && !bpf.isBlank()) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "bpf",
                    "A packet filter cannot choose among records: format=ndjson holds no packets.");
        }
    }

    /** With the times as they were recorded. */
    public ExportRequest(ExportFormat format, List<String> nodes, TimeWindow window, String bpf) {
        this(format, nodes, window, bpf, false);
    }

    /** Everything, in this format. */
    public static ExportRequest everything(ExportFormat format) {
        return new ExportRequest(format, List.of(), TimeWindow.ALL, "");
    }

    /** As clients name it: absent limits are open. */
    public static ExportRequest of(
            ExportFormat format,
            List<String> nodes,
            @Nullable Instant from,
            @Nullable Instant to,
            @Nullable String bpf,
            boolean correctClocks) {
        TimeWindow window =
                new TimeWindow(
                        from == null ? Long.MIN_VALUE : EpochNanos.of(from),
                        to == null ? Long.MAX_VALUE : EpochNanos.of(to));
        return new ExportRequest(format, nodes, window, bpf == null ? "" : bpf, correctClocks);
    }

    /** Whether a packet filter was asked for. */
    public boolean filters() {
        return !bpf.isBlank();
    }
}
