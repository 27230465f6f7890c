package io.hindsight.launcher.client;

import io.hindsight.error.ErrorCode;
import io.hindsight.hub.export.ExportFormat;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snapshot export}: a capture file that Wireshark opens. */
@Command(
        name = "export",
        description = "Writes a snapshot as one file, in time order over all nodes.",
        footer = {
            "",
            "Examples:",
            "  hindsight snapshot export outage -o outage.pcapng --bpf 'udp port 53'",
            "  hindsight snapshot export outage --namespace shop --process nginx",
            "  hindsight snapshot export outage -o - | tshark -r -"
        })
final class ExportCommand extends HubCommand {
    private static final Pattern FILE_NAME = Pattern.compile("filename=\"?([A-Za-z0-9._-]+)\"?");

    @Parameters(
            paramLabel = "ID|PATH",
            description = "An id, the start of one, a name; or a snapshot's folder: then no Hub is needed.")
    private String reference = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "The file, a folder, or - for the standard output (default: a name made of the id).")
    private @Nullable String output;

    @Option(names = "--force", description = "Replaces a file that exists.")
    private boolean force;

    @Mixin private final ExportOptions options = new ExportOptions();

    ExportCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    public Integer call() throws IOException {
        if (options.format() == ExportFormat.NDJSON && options.bpf() != null) {
            throw CommandFailure.of(
                    ErrorCode.INVALID_CONFIGURATION, "--bpf filters packets; the format ndjson holds events only.");
        }
        // Contradictions are told before a file is opened or a Hub is asked.
        options.request();
        ExportTarget.check(output, terminal(), force);
        return SnapshotFolder.named(reference).isPresent()
                ? offline(SnapshotFolder.named(reference).get())
                : super.call();
    }

    private Integer offline(Path folder) throws IOException {
        long startNs = System.nanoTime();
        String name = folder.toAbsolutePath().normalize().getFileName() + "." + options.format().fileExtension();
        try (ExportTarget target = ExportTarget.open(output, name, terminal(), force)) {
            long bytes = new SnapshotFolder(folder).export(options, target.stream());
            target.finish();
            report(target, bytes, startNs);
        }
        return ExitStatus.DONE.code();
    }

    @Override
    ExitStatus run(HubClient hub) throws IOException {
        String path = new SnapshotReference(hub).path(reference);
        long startNs = System.nanoTime();
        HubClient.Download download = hub.open(path + options.path(), options.format().mediaType(), 0);
        String id = path.substring(path.lastIndexOf('/') + 1);
        try (InputStream body = download.body();
                ExportTarget target = ExportTarget.open(output, fileName(download, id), terminal(), force)) {
            long bytes = new Transfer(terminal(), download.lengthBytes()).copy(body, target.stream());
            target.finish();
            report(target, bytes, startNs);
        }
        return ExitStatus.DONE;
    }

    private String fileName(HubClient.Download download, String id) {
        Matcher matcher = FILE_NAME.matcher(download.contentDisposition());
        return matcher.find() && !matcher.group(1).startsWith(".")
                ? matcher.group(1)
                : id + "." + options.format().fileExtension();
    }

    private void report(ExportTarget target, long bytes, long startNs) {
        Duration took = Duration.ofNanos(System.nanoTime() - startNs);
        boolean toOutput = ExportTarget.STANDARD_OUTPUT.equals(output);
        if (json()) {
            JsonObject result =
                    new JsonObject()
                            .put("file", target.name())
                            .put("format", options.format().label())
                            .put("bytes", bytes)
                            .put("durationMs", took.toMillis());
            (toOutput ? terminal().err() : terminal().out()).println(result.encode());
        } else if (!toOutput) {
            terminal().out().println(target.name() + "  " + Human.bytes(bytes) + " in " + Human.duration(took));
        }
    }
}
