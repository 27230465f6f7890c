package io.hindsight.launcher.client;

import io.hindsight.api.CaptureOverview;
import io.hindsight.error.ErrorCode;
import io.hindsight.json.JsonMapping;
import io.hindsight.launcher.cli.CommandFailure;
import io.hindsight.launcher.cli.ExitStatus;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;

/** Asks until every reachable node follows a revision. Use it once, from one thread. */
final class CaptureWatch {
    private static final long POLL_INTERVAL_MS = 250;

    /** As long as the Hub waits, at most, before it tells a node again. */
    private static final long LONGEST_WAIT_NS = TimeUnit.MINUTES.toNanos(1);

    private final HubClient hub;
    private final long revision;
    private final long waitNs;

    CaptureWatch(HubClient hub, long revision) {
        this(hub, revision, LONGEST_WAIT_NS);
    }

    /** With another patience. */
    CaptureWatch(HubClient hub, long revision, long waitNs) {
        this.hub = hub;
        this.revision = revision;
        this.waitNs = waitNs;
    }

    /** The newest answer: when all follow, when somebody has changed it again, or when it has taken too long. */
    JsonObject await() {
        long startNs = System.nanoTime();
        JsonObject answer = hub.get("/capture");
        while (!isSettled(JsonMapping.fromJson(answer, CaptureOverview.class))
                && System.nanoTime() - startNs < waitNs) {
            pause();
            answer = hub.get("/capture");
        }
        return answer;
    }

    private boolean isSettled(CaptureOverview overview) {
        return overview.revision() != revision || overview.nodes().stream().noneMatch(CaptureWatch::isAwaited);
    }

    private static boolean isAwaited(CaptureOverview.Node node) {
        return node.reachable() && !node.follows();
    }

    /** Says which nodes do not, or not as they should. */
    ExitStatus report(PrintStream err, CaptureOverview overview) {
        if (overview.revision() != revision) {
            err.println("It was changed again meanwhile: revision=" + overview.revision() + " is in force.");
            return ExitStatus.FAILED;
        }
        ExitStatus status = ExitStatus.DONE;
        for (CaptureOverview.Node node : overview.nodes()) {
            String problem = CaptureText.problem(node);
            if (isAwaited(node)) {
                err.println(node.node() + " does not follow" + (problem.isEmpty() ? "." : ": " + problem));
                status = ExitStatus.NOT_REACHABLE;
            } else if (!node.reachable()) {
                err.println(node.node() + " is not reachable: it is told when it is back.");
            } else if (!problem.isEmpty()) {
                err.println(node.node() + ": " + problem);
                status = status == ExitStatus.DONE ? ExitStatus.FAILED : status;
            }
        }
        return status;
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(POLL_INTERVAL_MS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw CommandFailure.of(ErrorCode.CANCELLED, "Interrupted; it is changed, and the nodes are told of it.");
        }
    }
}
