package io.hindsight.launcher.client;

import io.hindsight.api.CustodyEntry;
import io.hindsight.api.CustodyPage;
import io.hindsight.api.CustodyReport;
import io.hindsight.hub.custody.CustodyVerifier;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.CommonOptions;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.cli.Table;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code custody}: the group of commands about who did what. */
@Command(name = "custody", description = "Shows and verifies the custody log: who did what to which snapshot.")
public final class CustodyCommands extends CommandGroup {
    private CustodyCommands() {}

    /** The group with its commands. */
    public static CommandLine commandLine(Terminal terminal) {
        return new CommandLine(new CustodyCommands())
                .addSubcommand(new ListLines(terminal))
                .addSubcommand(new Verify(terminal));
    }

    /** {@code custody list}. */
    @Command(name = "list", description = "Lists who did what, when and from where, the newest first.")
    static final class ListLines extends HubCommand {
        @Option(
                names = "--snapshot",
                paramLabel = "ID",
                description = "Only about this snapshot, whether it is still there or not.")
        private @Nullable String snapshot;

        @Option(
                names = "--action",
                paramLabel = "ACTION",
                description =
                        "Only this: CREATE, SEAL, CANCEL, EXPORT, VERIFY, DELETE, LOCK, CAPTURE, ACCESS or RECOVER.")
        private @Nullable String action;

        @Option(names = "--who", paramLabel = "NAME", description = "Only of this one.")
        private @Nullable String who;

        @Option(names = "--from", paramLabel = "TIME", converter = TimeOption.class, description = "Only since.")
        private @Nullable Instant from;

        @Option(names = "--to", paramLabel = "TIME", converter = TimeOption.class, description = "Only before.")
        private @Nullable Instant to;

        @Option(names = "--limit", paramLabel = "N", description = "At most so many.")
        private @Nullable Integer limit;

        @Option(names = "--before", paramLabel = "SEQUENCE", description = "Goes on where an earlier list ended.")
        private @Nullable Long before;

        ListLines(Terminal terminal) {
            super(terminal);
        }

        @Override
        ExitStatus run(HubClient hub) {
            Query query =
                    new Query()
                            .with("snapshot", snapshot)
                            .with("action", action == null ? null : action.toUpperCase(Locale.ROOT))
                            .with("who", who)
                            .with("from", from)
                            .with("to", to)
                            .with("limit", limit)
                            .with("before", before);
            JsonObject page = hub.get("/custody" + query);
            if (json()) {
                terminal().out().println(page.encode());
            } else {
                print(JsonMapping.fromJson(page, CustodyPage.class));
            }
            return ExitStatus.DONE;
        }

        private void print(CustodyPage page) {
            Table table = new Table("SEQUENCE", "TIME", "ACTION", "OUTCOME", "SNAPSHOT", "WHO", "FROM", "DETAILS");
            page.entries().forEach(entry -> row(table, entry));
            table.print(terminal().out());
            if (page.unreadable() > 0) {
                terminal().err().println(page.unreadable() + " lines are broken; 'hindsight custody verify' says how.");
            }
            if (page.next() != null) {
                terminal().err().println("There is more: --before " + page.next());
            }
        }

        private static void row(Table table, CustodyEntry entry) {
            Map<String, String> details = Objects.requireNonNullElse(entry.details(), Map.of());
            table.row(
                    Long.toString(entry.sequence()),
                    entry.time().truncatedTo(ChronoUnit.SECONDS).toString(),
                    entry.action(),
                    entry.outcome() + (entry.code() == null ? "" : " " + entry.code()),
                    Objects.requireNonNullElse(entry.snapshot(), ""),
                    entry.who(),
                    Objects.requireNonNullElse(entry.from(), ""),
                    new TreeMap<>(details)
                            .entrySet().stream()
                                    .map(detail -> detail.getKey() + "=" + detail.getValue())
                                    .collect(Collectors.joining(" ")));
        }
    }

    /** {@code custody verify}: needs no Hub, and does not disturb one. */
    @Command(
            name = "verify",
            description =
                    "Checks every line of a custody log against the one before, names the first that is broken, and exits 3 if any is.")
    static final class Verify implements Callable<Integer> {
        private final Terminal terminal;

        @Parameters(
                paramLabel = "FILE|FOLDER",
                description =
                        "A file of the log; its folder; or the snapshot volume or data folder that it is in: then its end and what manifests say of it are checked too.")
        private Path path = Path.of("");

        @Mixin private final CommonOptions common = new CommonOptions();

        Verify(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() {
            CustodyReport report = CustodyVerifier.verify(path);
            if (common.json()) {
                terminal.out().println(JsonMapping.toJson(report).encode());
            } else {
                print(report);
            }
            return (report.intact() ? ExitStatus.DONE : ExitStatus.INTEGRITY_VIOLATED).code();
        }

        private void print(CustodyReport report) {
            terminal.out()
                    .println(
                            report.path()
                                    + (report.intact() ? "  intact: " : "  VIOLATED: ")
                                    + Human.count(report.lines())
                                    + " lines in "
                                    + report.files()
                                    + " files, named by "
                                    + report.snapshots()
                                    + " manifests");
            terminal.out().println("  last " + report.last() + " " + report.digest());
            CustodyReport.Fault fault = report.fault();
            if (fault != null) {
                terminal.out()
                        .println(
                                "  "
                                        + fault.kind()
                                        + " "
                                        + fault.file()
                                        + " line="
                                        + fault.line()
                                        + " sequence="
                                        + fault.sequence()
                                        + ": "
                                        + fault.detail());
            }
        }
    }
}
