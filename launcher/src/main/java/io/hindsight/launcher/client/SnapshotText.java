package io.hindsight.launcher.client;

import io.hindsight.api.EarlyEnd;
import io.hindsight.api.Gap;
import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotNode;
import io.hindsight.api.Verification;
import io.hindsight.launcher.cli.Human;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A snapshot for people: what it holds, and what it lacks and why. */
record SnapshotText(Snapshot snapshot) {
    void print(PrintStream out) {
        out.println(snapshot.id() + "  " + state(snapshot) + "  \"" + snapshot.name() + "\"");
        out.println(
                "  window   "
                        + snapshot.from()
                        + " to "
                        + snapshot.to()
                        + " ("
                        + Human.duration(Duration.between(snapshot.from(), snapshot.to()))
                        + ")");
        early(out, snapshot.endedEarly());
        out.println("  created  " + snapshot.createdAt() + " by " + snapshot.createdBy() + ended());
        out.println(
                "  holds    "
                        + Human.count(snapshot.packets())
                        + " packets, "
                        + Human.count(snapshot.records())
                        + " events, "
                        + Human.bytes(snapshot.bytes())
                        + " in "
                        + Human.count(snapshot.chunks())
                        + " chunks");
        if (snapshot.merkleRoot() != null) {
            out.println("  merkle   " + snapshot.merkleRoot());
        }
        if (snapshot.lockUntil() != null) {
            out.println("  locked   until " + snapshot.lockUntil());
        }
        verification(out, snapshot.verification());
        problem(out, "  ", snapshot.error());
        snapshot.nodes().forEach(node -> node(out, node));
    }

    private static void early(PrintStream out, @Nullable EarlyEnd end) {
        if (end != null) {
            out.println("  ended    early by " + end.by() + ": it was to go on until " + end.askedTo());
        }
    }

    /** The state, whether the newest verification found damage, and whether a lock holds. */
    static String state(Snapshot snapshot) {
        Verification verification = snapshot.verification();
        boolean damaged = verification != null && !verification.intact();
        boolean locked = snapshot.lockUntil() != null && snapshot.lockUntil().isAfter(Instant.now());
        return snapshot.state() + (damaged ? " DAMAGED" : "") + (locked ? " LOCKED" : "");
    }

    private static void verification(PrintStream out, @Nullable Verification verification) {
        if (verification != null) {
            out.println(
                    "  verified "
                            + verification.at()
                            + (verification.intact()
                                    ? ", intact"
                                    : ", DAMAGED: violations=" + verification.violationCount()));
            if (verification.first() != null) {
                out.println("    " + ViolationText.of(verification.first()));
            }
        }
    }

    private String ended() {
        return snapshot.endedAt() == null
                ? ""
                : ", ended after " + Human.duration(Duration.between(snapshot.createdAt(), snapshot.endedAt()));
    }

    private static void node(PrintStream out, SnapshotNode node) {
        out.println(
                "  node "
                        + node.node()
                        + "  "
                        + node.state()
                        + "  "
                        + Human.count(node.packets())
                        + " packets, "
                        + Human.bytes(node.bytes())
                        + (node.clock() == null ? "" : ", clock " + ClockText.of(node.clock())));
        if (node.firstTimestamp() != null) {
            out.println("    first " + node.firstTimestamp() + ", last " + node.lastTimestamp());
        }
        for (Map.Entry<String, Long> drop : node.drops().entrySet()) {
            out.println("    lost while recording: " + Human.count(drop.getValue()) + " (" + drop.getKey() + ")");
        }
        for (Gap gap : node.gaps()) {
            out.println("    " + new GapText(gap).line());
        }
        problem(out, "    ", node.error());
    }

    private static void problem(PrintStream out, String indent, Snapshot.@Nullable Problem problem) {
        if (problem != null) {
            out.println(indent + problem.code() + ": " + problem.detail());
        }
    }
}
