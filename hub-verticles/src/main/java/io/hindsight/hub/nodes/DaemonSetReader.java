package io.hindsight.hub.nodes;

import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.kubernetes.KubernetesApi;
import io.hindsight.kubernetes.KubernetesApi.Answer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads once which nodes the agents' DaemonSet is meant for: the set, then its pods by pages. One context; one reading at a time. */
final class DaemonSetReader {
    /** Pods in one answer: some 10 KB each, far below the longest answer. */
    private static final int PAGE_SIZE = 250;

    /** Pages that are read; while pods are replaced there may be two for each node. */
    static final int MAX_POD_PAGES = 2 * NodeRegistry.MAX_NODES / PAGE_SIZE;

    /** Pods that nobody ends come first, then the newest. */
    private static final Comparator<PodJson> MEANT =
            Comparator.comparing((PodJson pod) -> pod.deletedAt().isEmpty()).thenComparing(PodJson::createdAt);

    private final KubernetesApi api;
    private final InstantSource clock;
    private final String namespace;
    private final String name;

    /** {@code daemonSet} is {@code NAMESPACE/NAME}. */
    DaemonSetReader(KubernetesApi api, InstantSource clock, String daemonSet) {
        this.api = api;
        this.clock = clock;
        int slash = daemonSet.indexOf('/');
        this.namespace = daemonSet.substring(0, slash);
        this.name = daemonSet.substring(slash + 1);
    }

    /** Fails with words that say what is missing. */
    Future<Expectation> read() {
        return api.get("/apis/apps/v1/namespaces/" + encoded(namespace) + "/daemonsets/" + encoded(name))
                .map(answer -> wanted(answer, "get the DaemonSet"))
                .compose(this::withPods);
    }

    private Future<Expectation> withPods(JsonObject daemonSet) {
        String selector = LabelSelectorText.of(PodJson.object(PodJson.object(daemonSet, "spec"), "selector"));
        Pods pods = new Pods(String.valueOf(PodJson.object(daemonSet, "metadata").getValue("uid")));
        return page(pods, selector, "", 1).map(all -> expectation(daemonSet, all));
    }

    private Future<Pods> page(Pods pods, String selector, String from, int number) {
        String path =
                "/api/v1/namespaces/%s/pods?limit=%d&labelSelector=%s%s"
                        .formatted(
                                encoded(namespace),
                                PAGE_SIZE,
                                encoded(selector),
                                from.isEmpty() ? "" : "&continue=" + encoded(from));
        return api.get(path)
                .map(answer -> wanted(answer, "list the pods of the DaemonSet"))
                .compose(list -> {
                    pods.add(list);
                    String next = next(list);
                    if (!next.isEmpty() && number >= MAX_POD_PAGES) {
                        pods.cutOff = true;
                        return Future.succeededFuture(pods);
                    }
                    return next.isEmpty() ? Future.succeededFuture(pods) : page(pods, selector, next, number + 1);
                });
    }

    private static String next(JsonObject list) {
        return PodJson.object(list, "metadata").getValue("continue") instanceof String token ? token : "";
    }

    /** What of the pods is kept: one for each node. */
    private static final class Pods {
        final String owner;
        final Map<String, PodJson> byNode = new HashMap<>();
        boolean cutOff;

        Pods(String owner) {
            this.owner = owner;
        }

        void add(JsonObject list) {
            PodJson.objects(list, "items", PAGE_SIZE)
                    .map(PodJson::new)
                    .filter(pod -> pod.isOwnedBy(owner))
                    .forEach(this::add);
        }

        private void add(PodJson pod) {
            String node = pod.node();
            if (node == null || !isNodeName(node)) {
                return;
            }
            if (byNode.size() >= NodeRegistry.MAX_NODES && !byNode.containsKey(node)) {
                cutOff = true;
                return;
            }
            byNode.merge(node, pod, (one, other) -> MEANT.compare(one, other) >= 0 ? one : other);
        }
    }

    /** As Kubernetes takes them; a name that is none names no node here either. */
    private static boolean isNodeName(String name) {
        return name.length() <= 253 && name.matches("[a-z0-9]([a-z0-9.-]*[a-z0-9])?");
    }

    private Expectation expectation(JsonObject daemonSet, Pods pods) {
        JsonObject status = PodJson.object(daemonSet, "status");
        int desired = status.getValue("desiredNumberScheduled") instanceof Number number ? number.intValue() : 0;
        Map<String, String> reasons =
                pods.byNode.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, pod -> PodReason.of(pod.getValue())));
        int unplaced = Math.max(0, desired - reasons.size());
        return new Expectation(
                namespace + "/" + name,
                desired,
                reasons,
                pods.cutOff ? 0 : unplaced,
                note(status, pods, unplaced),
                clock.instant(),
                null);
    }

    private @Nullable String note(JsonObject status, Pods pods, int unplaced) {
        if (pods.cutOff) {
            return "There are more pods than limit=" + NodeRegistry.MAX_NODES + " nodes: the others are left out.";
        }
        if (unplaced == 0) {
            return null;
        }
        String why =
                PodJson.objects(status, "conditions")
                        .map(ClusterWords::reasonAndMessage)
                        .filter(words -> !words.isEmpty())
                        .findFirst()
                        .map(words -> ": " + words)
                        .orElse(", and does not say why: kubectl describe shows its events");
        return "The DaemonSet " + namespace + "/" + name + " has no pod yet for nodes=" + unplaced + why + ".";
    }

    private JsonObject wanted(Answer answer, String what) {
        if (answer.isSuccess()) {
            return answer.body();
        }
        String message = ClusterWords.of(answer.body(), "message");
        throw new HindsightException(
                ErrorCode.UPSTREAM_UNREACHABLE,
                "The API server at "
                        + api.address()
                        + " does not let the Hub "
                        + what
                        + " "
                        + namespace
                        + "/"
                        + name
                        + ": HTTP status "
                        + answer.status()
                        + (message.isEmpty() ? "" : ", " + message)
                        + ".");
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
