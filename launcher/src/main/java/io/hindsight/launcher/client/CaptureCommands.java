package io.hindsight.launcher.client;

import io.hindsight.api.CaptureOverview;
import io.hindsight.api.CapturePolicy;
import io.hindsight.error.ErrorCode;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code capture}: the group of commands about what every node records. */
@Command(name = "capture", description = "Shows and changes what every node records.")
public final class CaptureCommands extends CommandGroup {
    private CaptureCommands() {}

    /** The group with its commands. */
    public static CommandLine commandLine(Terminal terminal) {
        return new CommandLine(new CaptureCommands())
                .addSubcommand(new Show(terminal))
                .addSubcommand(new Change(terminal));
    }

    /** Prints the answer. */
    private static void print(Terminal terminal, boolean json, JsonObject answer) {
        if (json) {
            terminal.out().println(answer.encode());
        } else {
            CaptureText.print(terminal.out(), JsonMapping.fromJson(answer, CaptureOverview.class));
        }
    }

    /** {@code capture show}. */
    @Command(
            name = "show",
            description = "Shows what every node is to record, since when and by whom, and which nodes do so.")
    static final class Show extends HubCommand {
        Show(Terminal terminal) {
            super(terminal);
        }

        @Override
        ExitStatus run(HubClient hub) {
            print(terminal(), json(), hub.get("/capture"));
            return ExitStatus.DONE;
        }
    }

    /** {@code capture set}. */
    @Command(
            name = "set",
            description =
                    "Changes what every node records from now on; what is not given stays as it is. It holds until it is changed again,"
                            + " or the Hub is started with other settings.",
            footer = {
                "",
                "Examples:",
                "  hindsight capture set --namespaces shop,checkout --wait",
                "  hindsight capture set --bpf-override 'tcp port 5432'",
                "  hindsight capture set --everything"
            })
    static final class Change extends HubCommand {
        @Option(
                names = "--regex",
                paramLabel = "REGEX",
                description = "Only traffic of pods whose name this finds (RE2); '' for any.")
        private @Nullable String regex;

        @Option(
                names = "--namespaces",
                paramLabel = "NAME",
                split = ",",
                description = "Only traffic of pods of these namespaces; '' for any.")
        private @Nullable List<String> namespaces;

        @Option(
                names = "--excluded-namespaces",
                paramLabel = "NAME",
                split = ",",
                description = "No traffic of pods of these namespaces; '' for none.")
        private @Nullable List<String> excludedNamespaces;

        @Option(
                names = "--bpf-override",
                paramLabel = "BPF",
                description = "What this matches, in place of the three above; '' for them.")
        private @Nullable String bpfOverride;

        @Option(
                names = "--own-traffic",
                arity = "0..1",
                fallbackValue = "true",
                paramLabel = "BOOLEAN",
                description = "The program's own packets too; false leaves them out again.")
        private @Nullable Boolean ownTraffic;

        @Option(
                names = "--everything",
                description = "Everything but the program's own traffic, and what else is given here.")
        private boolean everything;

        @Option(
                names = "--wait",
                description =
                        "Waits until every node that is reachable follows, a minute at most; exits 5 where one does not.")
        private boolean wait;

        Change(Terminal terminal) {
            super(terminal);
        }

        @Override
        ExitStatus run(HubClient hub) {
            requireChange();
            CaptureOverview before = JsonMapping.fromJson(hub.get("/capture"), CaptureOverview.class);
            CapturePolicy policy = changed(everything ? CapturePolicy.EVERYTHING : before.policy());
            JsonObject answer = hub.put("/capture", JsonMapping.toJson(policy), before.revision());
            if (!wait) {
                print(terminal(), json(), answer);
                return ExitStatus.DONE;
            }
            CaptureWatch watch = new CaptureWatch(hub, answer.getLong("revision"));
            JsonObject ended = watch.await();
            print(terminal(), json(), ended);
            return watch.report(terminal().err(), JsonMapping.fromJson(ended, CaptureOverview.class));
        }

        private void requireChange() {
            boolean changes =
                    everything
                            || regex != null
                            || namespaces != null
                            || excludedNamespaces != null
                            || bpfOverride != null
                            || ownTraffic != null;
            if (!changes) {
                throw CommandFailure.of(
                        ErrorCode.INVALID_REQUEST,
                        "Name what to change: --regex, --namespaces, --excluded-namespaces, --bpf-override, --own-traffic or --everything.");
            }
        }

        private CapturePolicy changed(CapturePolicy policy) {
            return new CapturePolicy(
                    text(regex, policy.regex()),
                    names(namespaces, policy.namespaces()),
                    names(excludedNamespaces, policy.excludedNamespaces()),
                    text(bpfOverride, policy.bpfOverride()),
                    ownTraffic == null ? policy.ownTraffic() : ownTraffic);
        }

        private static @Nullable String text(@Nullable String given, @Nullable String before) {
            if (given == null) {
                return before;
            }
            return given.isBlank() ? null : given;
        }

        private static List<String> names(@Nullable List<String> given, List<String> before) {
            return given == null ? before : given.stream().map(String::strip).filter(name -> !name.isEmpty()).toList();
        }
    }
}
