package io.hindsight.launcher.client;

import io.hindsight.api.NodeStatus;
import io.hindsight.api.NodeStatus.ProgramStatus;
import io.hindsight.api.NodeStatus.SourceStatus;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.cli.Table;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code nodes}: what each agent records, and how far back it reaches. */
@Command(
        name = "nodes",
        description =
                "Shows the nodes: health, rates, how far back their recordings reach, what was lost, their clocks.")
public final class NodesCommand extends HubCommand {
    private static final String MISSING = "MISSING";

    /** Prints to the terminal. */
    public NodesCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    ExitStatus run(HubClient hub) {
        JsonObject answer = hub.get("/nodes");
        if (json()) {
            terminal().out().println(answer.encode());
            return ExitStatus.DONE;
        }
        Table table =
                new Table("NODE", "SOURCE", "STATE", "OLDEST", "RETENTION", "RATE", "RECORDS", "LOST", "RING", "CLOCK");
        JsonArray nodes = answer.getJsonArray("nodes", new JsonArray());
        for (int index = 0; index < nodes.size(); index++) {
            node(table, nodes.getJsonObject(index));
        }
        table.print(terminal().out());
        expectation(answer.getJsonObject("expected"));
        return ExitStatus.DONE;
    }

    private void node(Table table, JsonObject node) {
        boolean reachable = node.getBoolean("reachable", true);
        boolean missing = node.getBoolean("missing", false);
        if (missing) {
            terminal().err().println(node.getString("node") + ": " + node.getString("reason"));
        }
        if (node.getString("instance") == null) {
            table.row(node.getString("node"), "-", MISSING, "-", "-", "-", "-", "-", "-", "-");
            return;
        }
        NodeStatus status = JsonMapping.fromJson(node, NodeStatus.class);
        if (node.getString("conflict") != null) {
            terminal().err().println(status.node() + ": " + node.getString("conflict"));
        }
        if (status.capture() != null && status.capture().problem() != null) {
            terminal().err().println(status.node() + ": " + status.capture().problem());
        }
        for (SourceStatus source : status.sources()) {
            row(table, status, missing ? MISSING : state(reachable, source), source);
            if (source.reason() != null) {
                terminal().err().println(status.node() + ": " + source.reason());
            }
            for (ProgramStatus program : source.programs()) {
                if (!program.attached()) {
                    terminal()
                            .err()
                            .println(status.node() + ": " + program.name() + " is not attached: " + program.reason());
                }
            }
            if (source.restarts() > 0) {
                terminal().err().println(status.node() + ": " + restarts(source));
            }
        }
    }

    /** What is wrong with what is known of who should be there. */
    private void expectation(@Nullable JsonObject expected) {
        if (expected == null) {
            return;
        }
        if (expected.getString("note") != null) {
            terminal().err().println(expected.getString("note"));
        }
        if (expected.getString("problem") != null) {
            String age =
                    expected.getString("readAt") == null ? "not known yet" : "as of " + expected.getString("readAt");
            terminal().err().println("Which nodes there should be is " + age + ": " + expected.getString("problem"));
        }
    }

    private static String restarts(SourceStatus source) {
        return "capture was restarted %d times, last at %s: %s"
                .formatted(source.restarts(), source.lastRestart(), source.lastRestartReason());
    }

    private static void row(Table table, NodeStatus status, String state, SourceStatus source) {
        table.row(
                status.node(),
                source.source() + " (" + source.implementation() + ")",
                state,
                source.oldest() == null ? "-" : source.oldest().toString(),
                retention(source.projectedRetentionSeconds()),
                Human.bytes(source.bytesPerSecond()) + "/s",
                Human.count(source.records()),
                lost(source.drops()),
                Human.bytes(source.ringUsedBytes()) + " of " + Human.bytes(source.ringBytes()),
                ClockText.of(status.clock()));
    }

    /** {@code 0}, or {@code 12 (kernel 10, ring 2)}. */
    private static String lost(Map<String, Long> drops) {
        String causes =
                new TreeMap<>(drops)
                        .entrySet().stream()
                                .filter(drop -> drop.getValue() != 0)
                                .map(drop -> drop.getKey() + " " + Human.count(drop.getValue()))
                                .collect(Collectors.joining(", "));
        long all = drops.values().stream().mapToLong(Long::longValue).sum();
        return Human.count(all) + (causes.isEmpty() ? "" : " (" + causes + ")");
    }

    private static String state(boolean reachable, SourceStatus source) {
        if (!reachable) {
            return "unreachable";
        }
        return source.healthy() ? "healthy" : "UNHEALTHY";
    }

    private static String retention(@Nullable Long seconds) {
        return seconds == null ? "-" : Human.duration(Duration.ofSeconds(seconds));
    }
}
