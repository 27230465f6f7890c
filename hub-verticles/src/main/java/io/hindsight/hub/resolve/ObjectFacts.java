package io.hindsight.hub.resolve;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an object says of itself that names resolve by.
 *
 * @param state what makes a state of its own when it changes
 * @param addresses that it has now; of a pod that has ended, or that is in its node's network, none
 * @param startedNs when it began, as far as it tells
 */
record ObjectFacts(State state, Set<InetAddress> addresses, @Nullable Long startedNs) {
    /**
     * @param node on which it runs
     * @param labels of it
     * @param controller that made it
     */
    record State(@Nullable String node, Map<String, String> labels, @Nullable Controller controller) {}

    /** An owner, as {@code metadata.ownerReferences} names it. */
    record Controller(String kind, String name, @Nullable String uid) {}

    static ObjectFacts of(String resource, Map<String, Object> object, AddressTexts addresses) {
        String node = resource.equals("Pod") ? JsonTree.text(object, "spec", "nodeName") : null;
        return new ObjectFacts(
                new State(node, labels(object), controller(object)),
                parsed(addressTexts(resource, object), addresses),
                startedNs(resource, object));
    }

    private static Map<String, String> labels(Map<String, Object> object) {
        Map<String, String> labels = new HashMap<>();
        if (JsonTree.at(object, "metadata", "labels") instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                if (value instanceof String text) {
                    labels.put(String.valueOf(name), text);
                }
            });
        }
        return Map.copyOf(labels);
    }

    /** The controller; where none is said to be it, the first owner. */
    private static @Nullable Controller controller(Map<String, Object> object) {
        Controller first = null;
        for (Object reference : JsonTree.list(object, "metadata", "ownerReferences")) {
            String kind = JsonTree.text(reference, "kind");
            String name = JsonTree.text(reference, "name");
            if (kind != null && name != null) {
                Controller owner = new Controller(kind, name, JsonTree.text(reference, "uid"));
                if (JsonTree.isTrue(reference, "controller")) {
                    return owner;
                }
                first = first == null ? owner : first;
            }
        }
        return first;
    }

    /** A pod's own start, by its node's clock, is nearer to its first packet than its creation, which is the API server's. */
    private static @Nullable Long startedNs(String resource, Map<String, Object> object) {
        Long started = resource.equals("Pod") ? Times.ns(JsonTree.text(object, "status", "startTime")) : null;
        return started != null ? started : Times.ns(JsonTree.text(object, "metadata", "creationTimestamp"));
    }

    private static Set<String> addressTexts(String resource, Map<String, Object> object) {
        return switch (resource) {
            case "Pod" -> podAddresses(object);
            case "Service" -> serviceAddresses(object);
            case "Node" -> new LinkedHashSet<>(JsonTree.textsOf("address", object, "status", "addresses"));
            default -> Set.of();
        };
    }

    private static Set<String> podAddresses(Map<String, Object> object) {
        String phase = JsonTree.text(object, "status", "phase");
        if (JsonTree.isTrue(object, "spec", "hostNetwork") || "Succeeded".equals(phase) || "Failed".equals(phase)) {
            return Set.of();
        }
        Set<String> texts = new LinkedHashSet<>(one(JsonTree.text(object, "status", "podIP")));
        texts.addAll(JsonTree.textsOf("ip", object, "status", "podIPs"));
        // Where spec was not kept: nothing but a pod of the host's network has the host's address.
        texts.removeAll(one(JsonTree.text(object, "status", "hostIP")));
        texts.removeAll(Set.copyOf(JsonTree.textsOf("ip", object, "status", "hostIPs")));
        return texts;
    }

    private static Set<String> serviceAddresses(Map<String, Object> object) {
        Set<String> texts = new LinkedHashSet<>(one(JsonTree.text(object, "spec", "clusterIP")));
        texts.addAll(JsonTree.texts(object, "spec", "clusterIPs"));
        texts.addAll(JsonTree.texts(object, "spec", "externalIPs"));
        texts.addAll(JsonTree.textsOf("ip", object, "status", "loadBalancer", "ingress"));
        return texts;
    }

    private static List<String> one(@Nullable String text) {
        return text == null ? List.of() : List.of(text);
    }

    /** Host names and {@code None}, of headless services, are no addresses. */
    private static Set<InetAddress> parsed(Set<String> texts, AddressTexts addresses) {
        Set<InetAddress> parsed = new LinkedHashSet<>();
        for (String text : texts) {
            InetAddress address = addresses.parse(text);
            if (address != null) {
                parsed.add(address);
            }
        }
        return parsed;
    }
}
