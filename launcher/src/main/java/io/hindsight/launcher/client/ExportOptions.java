package io.hindsight.launcher.client;

import io.hindsight.hub.export.ExportContent;
import io.hindsight.hub.export.ExportFormat;
import io.hindsight.hub.export.ExportRequest;
import io.hindsight.hub.export.MeaningFilter;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
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

    @Option(
            names = "--with",
            paramLabel = "WHAT",
            split = ",",
            converter = ContentOption.class,
            description =
                    "names, flows, os, kubernetes, capture (all there by default in a pcapng), checkpoints (events from before the"
                            + " window and what was known at its start).")
    private List<ExportContent> with = List.of();

    @Option(
            names = "--without",
            paramLabel = "WHAT",
            split = ",",
            converter = ContentOption.class,
            description = "Leaves these out.")
    private List<ExportContent> without = List.of();

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            split = ",",
            description =
                    "Only packets of which an end was in this namespace then, and events about it. This and the next four"
                            + " may be repeated: any of one kind, all kinds.")
    private List<String> namespaces = List.of();

    @Option(
            names = "--pod",
            paramLabel = "NAME",
            split = ",",
            description = "Only this pod: its name or namespace/name.")
    private List<String> pods = List.of();

    @Option(
            names = "--label",
            paramLabel = "KEY[=VALUE]",
            split = ",",
            description = "Only pods, services and nodes with this label.")
    private List<String> labels = List.of();

    @Option(
            names = "--service",
            paramLabel = "NAME",
            split = ",",
            description = "Only this service, by its own addresses and its pods': its name or namespace/name.")
    private List<String> services = List.of();

    @Option(
            names = "--process",
            paramLabel = "COMMAND|pid:N",
            description = "Only flows of which this process had an end, and events about it.")
    private List<String> processes = List.of();

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
        return ExportRequest.of(format, nodes(), from, to, bpf, correctClocks)
                .choosing(with, without)
                .about(new MeaningFilter(namespaces, pods, labels, services, processes));
    }

    /** The part of the API's path after the snapshot's. */
    String path() {
        Query query =
                new Query()
                        .with("nodes", nodes == null ? null : String.join(",", nodes))
                        .with("from", from)
                        .with("to", to)
                        .with("correctClocks", correctClocks ? true : null)
                        .with("with", labels(with))
                        .with("without", labels(without))
                        .withEach("namespace", namespaces)
                        .withEach("pod", pods)
                        .withEach("label", labels)
                        .withEach("service", services)
                        .withEach("process", processes);
        return switch (format) {
            case PCAPNG, PCAP -> "/pcap" + query.with("format", format.label()).with("bpf", bpf);
            case NDJSON -> "/records" + query;
        };
    }

    private static @Nullable String labels(List<ExportContent> contents) {
        return contents.isEmpty()
                ? null
                : contents.stream().map(ExportContent::label).distinct().collect(Collectors.joining(","));
    }
}
