package io.hindsight.hub.export;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.time.EpochNanos;
import io.hindsight.time.TimeWindow;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
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
 * @param contents what there is beside packets, as {@link ExportContent#chosen} gives it
 * @param meaning packets and events that it does not name are left out
 */
public record ExportRequest(
        ExportFormat format,
        List<String> nodes,
        TimeWindow window,
        String bpf,
        boolean correctClocks,
        Set<ExportContent> contents,
        MeaningFilter meaning) {
    public ExportRequest {
        nodes = List.copyOf(nodes);
        if (format == ExportFormat.NDJSON && !bpf.isBlank()) {
            throw HindsightException.ofField(
                    ErrorCode.INVALID_REQUEST,
                    "bpf",
                    "A packet filter cannot choose among records: format=ndjson holds no packets.");
        }
    }

    /** With the contents that the format has where nothing is said. */
    public ExportRequest(
            ExportFormat format, List<String> nodes, TimeWindow window, String bpf, boolean correctClocks) {
        this(format, nodes, window, bpf, correctClocks, ExportContent.defaultsOf(format), MeaningFilter.NONE);
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

    /** The same with more, and less, beside the packets than the format's defaults; {@link ExportContent#chosen} tells what is refused. */
    public ExportRequest choosing(Collection<ExportContent> with, Collection<ExportContent> without) {
        Set<ExportContent> chosen = ExportContent.chosen(format, with, without);
        return new ExportRequest(format, nodes, window, bpf, correctClocks, chosen, meaning);
    }

    /** The same about what the filter names alone. */
    public ExportRequest about(MeaningFilter filter) {
        return new ExportRequest(format, nodes, window, bpf, correctClocks, contents, filter);
    }

    /** Whether a packet filter was asked for. */
    public boolean filters() {
        return !bpf.isBlank();
    }

    /** Whether this is among what was asked for. */
    boolean has(ExportContent content) {
        return contents.contains(content);
    }

    /** Whether something is asked for that needs names. */
    boolean needsNames() {
        return has(ExportContent.NAMES) || has(ExportContent.FLOWS) || !meaning.isEmpty();
    }
}
