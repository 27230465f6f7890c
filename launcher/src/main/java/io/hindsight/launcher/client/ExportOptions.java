package io.hindsight.launcher.client;

import io.hindsight.hub.export.ExportFormat;
import io.hindsight.hub.export.ExportRequest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is exported and how. Filled by picocli. */
final class ExportOptions {
    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            converter = FormatOption.class,
            description = "pcapng, pcap (packets only) or ndjson (events only) (default: pcapng).")
    private ExportFormat format = ExportFormat.PCAPNG;

    @Option(names = "--nodes", paramLabel = "NAME", split = ",", description = "Only these nodes (default: all).")
    private @Nullable List<String> nodes;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Only from this time on.")
    private @Nullable Instant from;

    @Option(names = "--to", paramLabel = "TIME", converter = TimeOption.class, description = "Only before this time.")
    private @Nullable Instant to;

    @Option(
            names = "--bpf",
            paramLabel = "FILTER",
            description = "Only packets that match, for example \"udp port 53\".")
    private @Nullable String bpf;

    @Option(
            names = "--correct-clocks",
            description =
                    "Adds each node's clock offset, as the snapshot has it, to its times; --from and --to are of these"
                            + " times then.")
    private boolean correctClocks;

    ExportFormat format() {
        return format;
    }

    private List<String> nodes() {
        return nodes == null ? List.of() : nodes;
    }

    @Nullable String bpf() {
        return bpf;
    }

    /** What to ask of a snapshot's folder. */
    ExportRequest request() {
        return ExportRequest.of(format, nodes(), from, to, bpf, correctClocks);
    }

    /** The part of the API's path after the snapshot's. */
    String path() {
        Query query =
                new Query()
                        .with("nodes", nodes == null ? null : String.join(",", nodes))
                        .with("from", from)
                        .with("to", to)
                        .with("correctClocks", correctClocks ? true : null);
        return switch (format) {
            case PCAPNG, PCAP -> "/pcap" + query.with("format", format.label()).with("bpf", bpf);
            case NDJSON -> "/records" + query;
        };
    }
}
