package io.hindsight.launcher.client;

import io.hindsight.api.VerifyReport;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code snapshot verify}: reads every byte again and computes every checksum anew. */
@Command(
        name = "verify",
        description = "Reads a snapshot again, computes every checksum anew, and exits 3 if anything differs.")
final class VerifyCommand extends HubCommand {
    @Parameters(
            paramLabel = "ID|PATH",
            description = "An id, the start of one, a name; or a snapshot's folder: then no Hub is needed.")
    private String reference = "";

    VerifyCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    public Integer call() throws IOException {
        Optional<Path> folder = SnapshotFolder.named(reference);
        if (folder.isPresent()) {
            return report(JsonMapping.toJson(new SnapshotFolder(folder.get()).verify())).code();
        }
        return super.call();
    }

    @Override
    ExitStatus run(HubClient hub) {
        return report(hub.postAndWait(new SnapshotReference(hub).path(reference) + "/verify"));
    }

    private ExitStatus report(JsonObject json) {
        VerifyReport report = JsonMapping.fromJson(json, VerifyReport.class);
        if (json()) {
            terminal().out().println(json.encode());
        } else {
            print(report);
        }
        return report.intact() ? ExitStatus.DONE : ExitStatus.INTEGRITY_VIOLATED;
    }

    private void print(VerifyReport report) {
        terminal()
                .out()
                .println(
                        report.id()
                                + (report.intact() ? "  intact: " : "  VIOLATED: ")
                                + report.files()
                                + " files, "
                                + Human.count(report.chunks())
                                + " chunks, "
                                + Human.bytes(report.bytes())
                                + " read in "
                                + Human.duration(Duration.ofMillis(report.durationMs())));
        terminal().out().println("  merkle " + report.merkleRoot());
        report.violations().forEach(violation -> terminal().out().println("  " + ViolationText.of(violation)));
        if (report.violationCount() > report.violations().size()) {
            terminal().out().println("  and " + (report.violationCount() - report.violations().size()) + " more");
        }
    }
}
