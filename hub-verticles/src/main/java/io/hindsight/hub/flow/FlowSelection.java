package io.hindsight.hub.flow;

import io.hindsight.hub.export.ExportFormat;
import io.hindsight.hub.export.ExportRequest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which packets of a snapshot flows are made of. Immutable.
 *
 * @param request the export that would write these packets
 */
public record FlowSelection(ExportRequest request) {
    /** As clients name it: absent limits are open. */
    public static FlowSelection of(
            List<String> nodes, @Nullable Instant from, @Nullable Instant to, @Nullable String bpf) {
        List<String> sorted = nodes.stream().distinct().sorted().toList();
        return new FlowSelection(ExportRequest.of(ExportFormat.PCAPNG, sorted, from, to, bpf, false));
    }
}
