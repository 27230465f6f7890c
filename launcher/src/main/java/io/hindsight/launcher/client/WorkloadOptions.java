package io.hindsight.launcher.client;

import io.hindsight.hub.resolve.WorkloadQuery;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which workloads or addresses are shown. Filled by picocli. */
final class WorkloadOptions {
    @Option(names = "--namespace", paramLabel = "NAME", split = ",", description = "Only of these namespaces.")
    private @Nullable List<String> namespaces;

    @Option(
            names = "--name",
            paramLabel = "REGEX",
            description = "Only where this regular expression (RE2) occurs in the name; ^ and $ anchor it.")
    private @Nullable String name;

    @Option(
            names = "--label",
            paramLabel = "KEY[=VALUE]",
            description = "Only with this label; repeat for several, all of which must be there.")
    private @Nullable List<String> labels;

    @Option(names = "--type", paramLabel = "KIND", split = ",", description = "Only Pod, Service, Node, Deployment, …")
    private @Nullable List<String> types;

    @Option(
            names = "--from",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Only what was there at this time or later.")
    private @Nullable Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Only what was there before this time.")
    private @Nullable Instant to;

    @Option(
            names = "--at",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Only what was there at this time.")
    private @Nullable Instant at;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many, up to 1000 (default: 100).")
    private @Nullable Integer limit;

    @Option(names = "--offset", paramLabel = "N", description = "Skips the first ones.")
    private @Nullable Integer offset;

    private static List<String> all(@Nullable List<String> values) {
        return values == null ? List.of() : values;
    }

    /** What to ask of a snapshot's folder. */
    WorkloadQuery query() {
        return WorkloadQuery.of(all(namespaces), name, all(labels), all(types), from, to, at, limit, offset);
    }

    /** The same for the API. */
    String path() {
        return new Query()
                .withEach("namespace", all(namespaces))
                .with("name", name)
                .withEach("label", all(labels))
                .withEach("type", all(types))
                .with("from", from)
                .with("to", to)
                .with("at", at)
                .with("limit", limit)
                .with("offset", offset)
                .toString();
    }
}
