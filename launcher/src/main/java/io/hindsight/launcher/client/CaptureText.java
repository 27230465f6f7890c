package io.hindsight.launcher.client;

import io.hindsight.api.CaptureChange;
import io.hindsight.api.CaptureOverview;
import io.hindsight.api.CapturePolicy;
import io.hindsight.api.NodeCapture;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.Human;
import io.hindsight.launcher.cli.Table;
import io.hindsight.time.EpochNanos;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is, or was, captured, for people. What comes from agents is kept to one line. Stateless. */
final class CaptureText {
    private static final int MAX_EXPRESSION_LENGTH = 60;
    private static final int MAX_PROBLEM_LENGTH = 400;

    private CaptureText() {}

    /** The policy, since when and by whom, and the nodes. */
    static void print(PrintStream out, CaptureOverview overview) {
        out.println(
                "revision "
                        + overview.revision()
                        + ", since "
                        + overview.changedAt()
                        + " by "
                        + plain(overview.changedBy(), MAX_EXPRESSION_LENGTH));
        policy(out, overview.policy());
        Table table = new Table("NODE", "FOLLOWS", "PODS", "RECORDS", "PROBLEM");
        overview.nodes().forEach(node -> row(table, node));
        table.print(out);
    }

    private static void policy(PrintStream out, CapturePolicy policy) {
        if (policy.equals(CapturePolicy.EVERYTHING)) {
            out.println("  everything, but for the program's own traffic");
            return;
        }
        line(out, "regex", policy.regex());
        line(out, "namespaces", list(policy.namespaces()));
        line(out, "excluded namespaces", list(policy.excludedNamespaces()));
        line(out, "bpf override", override(policy));
        line(out, "own traffic", policy.ownTraffic() ? "recorded" : "left out");
    }

    private static @Nullable String override(CapturePolicy policy) {
        CapturePolicy without =
                new CapturePolicy(
                        policy.regex(), policy.namespaces(), policy.excludedNamespaces(), null, policy.ownTraffic());
        return policy.bpfOverride() != null && without.concernsPods()
                ? policy.bpfOverride() + "   (holds in place of the above, which have no effect)"
                : policy.bpfOverride();
    }

    private static @Nullable String list(List<String> names) {
        return names.isEmpty() ? null : String.join(", ", names);
    }

    private static void line(PrintStream out, String what, @Nullable String value) {
        if (value != null) {
            out.printf("  %-19s  %s%n", what, plain(value, Integer.MAX_VALUE));
        }
    }

    private static void row(Table table, CaptureOverview.Node node) {
        NodeCapture capture = node.capture();
        table.row(
                node.node(),
                follows(node),
                capture == null ? "-" : Human.count(capture.pods()),
                capture == null ? "-" : expression(capture.expression()),
                problem(node));
    }

    private static String follows(CaptureOverview.Node node) {
        String revision = node.capture() == null ? "" : ", revision " + node.capture().revision();
        String follows = node.follows() ? "yes" : "no" + revision;
        return node.reachable() ? follows : "unreachable" + revision;
    }

    /** What keeps the node from recording what it should, on one line; empty where nothing does. */
    static String problem(CaptureOverview.Node node) {
        NodeCapture capture = node.capture();
        String problem = node.problem() == null && capture != null ? capture.problem() : node.problem();
        return problem == null ? "" : plain(problem, MAX_PROBLEM_LENGTH);
    }

    private static String expression(String expression) {
        return expression.isEmpty() ? "everything" : plain(expression, MAX_EXPRESSION_LENGTH);
    }

    private static String plain(String text, int maxLength) {
        String cut = text.length() <= maxLength ? text : text.substring(0, maxLength) + " …";
        return cut.codePoints()
                .map(c -> Character.isISOControl(c) ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** What each node of a manifest recorded when, where that was not everything all the time. */
    static void printHistory(PrintStream out, JsonObject manifest) {
        for (Object node : manifest.getJsonArray("nodes", new JsonArray())) {
            if (node instanceof JsonObject entry) {
                history(out, entry);
            }
        }
    }

    private static void history(PrintStream out, JsonObject node) {
        List<CaptureChange> changes =
                node.getJsonArray("captures", new JsonArray()).stream()
                        .map(change -> JsonMapping.fromJson((JsonObject) change, CaptureChange.class))
                        .toList();
        if (changes.stream().anyMatch(CaptureChange::restricts)) {
            out.println("  node " + node.getString("node") + " recorded");
            changes.forEach(change -> out.println("    " + line(change)));
        }
    }

    private static String line(CaptureChange change) {
        return "from "
                + EpochNanos.format(change.fromNs())
                + "  "
                + expression(change.expression())
                + (change.changedBy() == null
                        ? ""
                        : ", revision " + change.revision() + " by " + plain(change.changedBy(), MAX_EXPRESSION_LENGTH))
                + (change.problem() == null ? "" : "; problem: " + plain(change.problem(), MAX_PROBLEM_LENGTH));
    }
}
