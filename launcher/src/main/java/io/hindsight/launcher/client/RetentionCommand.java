package io.hindsight.launcher.client;

import io.hindsight.api.RetentionPlan;
import io.hindsight.api.RetentionPlan.Candidate;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.ExitStatus;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.cli.Table;
import io.hindsight.launcher.cli.Terminal;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code retention}: what rules would delete, and deletes nothing. */
@Command(
        name = "retention",
        description = "Shows which snapshots the rules of retention delete, and which go next; deletes nothing.")
public final class RetentionCommand extends HubCommand {
    @Option(
            names = "--retain-for",
            paramLabel = "TIME",
            description = "What this would do in place of the Hub's setting, for example 30d.")
    private @Nullable String retainFor;

    @Option(
            names = "--retain-bytes",
            paramLabel = "SIZE",
            description = "What this would do in place of the Hub's setting, for example 20Gi.")
    private @Nullable String retainBytes;

    /** Prints to the terminal. */
    public RetentionCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    ExitStatus run(HubClient hub) {
        Query query = new Query().with("retainFor", retainFor).with("retainBytes", retainBytes);
        JsonObject answer = hub.get("/retention" + query);
        if (json()) {
            terminal().out().println(answer.encode());
        } else {
            print(JsonMapping.fromJson(answer, RetentionPlan.class), terminal().out());
        }
        return ExitStatus.DONE;
    }

    private static void print(RetentionPlan plan, PrintStream out) {
        out.println(
                "retain-for="
                        + plan.retainFor()
                        + " retain-bytes="
                        + plan.retainBytes()
                        + (plan.inForce() ? "  in force" : "  not in force: nothing is deleted by rule"));
        out.println(
                Human.count(plan.snapshots())
                        + " snapshots take "
                        + Human.bytes(plan.bytes())
                        + "; locked are "
                        + Human.count(plan.locked())
                        + " with "
                        + Human.bytes(plan.lockedBytes()));
        Table table = new Table("ID", "NAME", "SIZE", "SEALED", "RULE", "DUE");
        plan.due().forEach(candidate -> row(table, candidate, "now"));
        plan.next().forEach(candidate -> row(table, candidate, seconds(candidate.dueAt())));
        table.print(out);
        if (plan.overBytes() > 0) {
            out.println(Human.bytes(plan.overBytes()) + " too much would remain: it is locked, or cannot be read.");
        }
    }

    private static String seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static void row(Table table, Candidate candidate, String due) {
        table.row(
                candidate.id(),
                candidate.name(),
                Human.bytes(candidate.bytes()),
                seconds(candidate.sealedAt()),
                candidate.rule(),
                due);
    }
}
