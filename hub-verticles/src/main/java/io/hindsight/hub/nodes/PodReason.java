package io.hindsight.hub.nodes;

import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Why the pod of an agent brings no agent, from its status, as one whole sentence. Stateless. */
final class PodReason {
    private static final int SIGNAL_BASE = 128;
    private static final int LAST_SIGNAL = 64;

    private PodReason() {}

    static String of(PodJson pod) {
        return "Its pod " + pod.name() + " " + predicate(pod) + ".";
    }

    private static String predicate(PodJson pod) {
        if (!pod.deletedAt().isEmpty()) {
            return "is being ended since " + pod.deletedAt();
        }
        String phase = ClusterWords.of(pod.status(), "phase");
        if (phase.equals("Failed")) {
            return "has failed" + behind(ClusterWords.reasonAndMessage(pod.status()));
        }
        if (!pod.isScheduled()) {
            return "is not scheduled"
                    + behind(ClusterWords.reasonAndMessage(pod.condition("PodScheduled").orElse(null)));
        }
        return pod.containers().stream()
                .flatMap(container -> trouble(container).stream())
                .findFirst()
                .orElseGet(() -> started(pod, phase));
    }

    /** Of the first container that does not run, though it should. */
    private static Optional<String> trouble(JsonObject container) {
        JsonObject state = PodJson.object(container, "state");
        String name = ClusterWords.of(container, "name");
        if (state.getValue("waiting") instanceof JsonObject waiting) {
            return Optional.of(
                    "waits for its container "
                            + name
                            + behind(ClusterWords.reasonAndMessage(waiting))
                            + lastEnd(container));
        }
        if (state.getValue("terminated") instanceof JsonObject ended && !isDone(ended)) {
            return Optional.of("has no container " + name + ": it ended " + how(ended));
        }
        return Optional.empty();
    }

    /** An init container that has done its work. */
    private static boolean isDone(JsonObject ended) {
        return Integer.valueOf(0).equals(ended.getValue("exitCode"));
    }

    private static String lastEnd(JsonObject container) {
        return PodJson.object(container, "lastState").getValue("terminated") instanceof JsonObject ended
                ? "; it ended last " + how(ended) + restarts(container)
                : "";
    }

    private static String restarts(JsonObject container) {
        return container.getValue("restartCount") instanceof Number count && count.longValue() > 0
                ? ", restarts=" + count.longValue()
                : "";
    }

    private static String how(JsonObject ended) {
        String reason = ClusterWords.of(ended, "reason");
        String message = ClusterWords.of(ended, "message");
        String at = ClusterWords.of(ended, "finishedAt");
        return code(ended)
                + (reason.isEmpty()
                        ? ""
                        : " (" + (reason.equals("OOMKilled") ? "OOMKilled: out of memory" : reason) + ")")
                + (at.isEmpty() ? "" : " at " + at)
                + behind(message);
    }

    private static String code(JsonObject ended) {
        int signal = ended.getValue("signal") instanceof Number number ? number.intValue() : 0;
        int code = ended.getValue("exitCode") instanceof Number number ? number.intValue() : 0;
        int bySignal = signal > 0 ? signal : code - SIGNAL_BASE;
        return "with exit code " + code + (bySignal > 0 && bySignal <= LAST_SIGNAL ? ", by signal " + bySignal : "");
    }

    /** All containers run that there are. */
    private static String started(PodJson pod, String phase) {
        if (pod.containers().isEmpty()) {
            return "is "
                    + (phase.isEmpty() ? "new" : phase.toLowerCase(Locale.ROOT))
                    + " on its node, which has started none of its containers yet"
                    + behind(ClusterWords.reasonAndMessage(pod.status()));
        }
        String since =
                pod.containers().stream()
                        .flatMap(PodReason::runsSince)
                        .reduce((before, after) -> after)
                        .orElse(pod.createdAt());
        String runs = "runs since " + since;
        return pod.condition("Ready")
                .filter(ready -> !"True".equals(ready.getValue("status")))
                .map(ready ->
                        runs
                                + " and is not ready"
                                + behind(ClusterWords.reasonAndMessage(ready))
                                + "; its agent is not linked to this Hub")
                .orElse(runs + ", and its agent is not linked to this Hub: its log says why");
    }

    private static Stream<String> runsSince(JsonObject container) {
        JsonObject running = PodJson.object(PodJson.object(container, "state"), "running");
        String at = ClusterWords.of(running, "startedAt");
        return at.isEmpty() ? Stream.empty() : Stream.of(at);
    }

    private static String behind(String words) {
        return words.isEmpty() ? "" : ": " + words;
    }
}
