package io.hindsight.agent.kubernetes;

import static io.hindsight.agent.kubernetes.KubernetesObject.map;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Changes that say nothing: the object was written again as it was, or a kubelet said that it still lives. */
final class Noise {
    private static final Set<String> METADATA = Set.of("resourceVersion");
    private static final Set<String> HEARTBEATS = Set.of("lastHeartbeatTime", "lastProbeTime");

    private Noise() {}

    /** Whether a patch between two states has nothing else in it. */
    static boolean isAll(Map<String, @Nullable Object> patch, Map<String, Object> before, Map<String, Object> after) {
        for (Map.Entry<String, @Nullable Object> member : patch.entrySet()) {
            boolean noise =
                    switch (member.getKey()) {
                        case "metadata" -> hasOnly(member.getValue(), METADATA);
                        case "status" ->
                                hasOnly(member.getValue(), Set.of("conditions"))
                                        && conditions(before).equals(conditions(after));
                        default -> false;
                    };
            if (!noise) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasOnly(@Nullable Object patch, Set<String> names) {
        return patch instanceof Map<?, ?> members && names.containsAll(members.keySet());
    }

    private static List<Object> conditions(Map<String, Object> object) {
        List<Object> conditions = new ArrayList<>();
        if (map(object, "status").get("conditions") instanceof List<?> list) {
            for (Object condition : list) {
                conditions.add(condition instanceof Map<?, ?> map ? withoutHeartbeats(map) : condition);
            }
        }
        return conditions;
    }

    private static Map<Object, Object> withoutHeartbeats(Map<?, ?> condition) {
        Map<Object, Object> rest = new LinkedHashMap<>(condition);
        rest.keySet().removeAll(HEARTBEATS);
        return rest;
    }
}
