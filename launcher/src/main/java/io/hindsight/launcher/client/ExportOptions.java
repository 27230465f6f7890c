package io.hindsight.launcher.client;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is exported and how. Filled by picocli. */
final class ExportOptions {
    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "pcapng",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private ExportFormat format = ExportFormat.pcapng;

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

    ExportFormat format() {
        return format;
    }

    List<String> nodes() {
        return nodes == null ? List.of() : nodes;
    }

    @Nullable Instant from() {
        return from;
    }

    @Nullable Instant to() {
        return to;
    }

    @Nullable String bpf() {
        return bpf;
    }

    /** The part of the API's path after the snapshot's. */
    String path() {
        Query query =
                new Query()
                        .with("nodes", nodes == null ? null : String.join(",", nodes))
                        .with("from", from)
                        .with("to", to);
        return switch (format) {
            case pcapng, pcap -> "/pcap" + query.with("format", format).with("bpf", bpf);
            case ndjson -> "/records" + query;
        };
    }
}
