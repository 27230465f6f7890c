package io.hindsight.hub.resolve;

import io.hindsight.bus.KnownObjectsAnswer.KnownObject;
import io.hindsight.event.KubernetesChange;
import io.hindsight.event.KubernetesChange.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** States of objects, as an agent tells them, as the changes that led to them: so the live answer follows the same rules as a snapshot's. */
final class KnownStates {
    private final Map<String, List<KnownObject>> byObject = new LinkedHashMap<>();

    void add(KnownObject state) {
        byObject.computeIfAbsent(state.resource() + "/" + state.uid(), key -> new ArrayList<>(1)).add(state);
    }

    /** In ascending time. */
    List<KubernetesChange> changes() {
        List<KubernetesChange> changes = new ArrayList<>();
        byObject.values().forEach(states -> addChanges(states, changes));
        changes.sort(Comparator.comparingLong(KubernetesChange::receivedNs));
        return changes;
    }

    private static void addChanges(List<KnownObject> states, List<KubernetesChange> changes) {
        states.sort(Comparator.comparingLong(KnownObject::fromNs));
        for (int i = 0; i < states.size(); i++) {
            KnownObject state = states.get(i);
            changes.add(change(Kind.KNOWN, state, state.fromNs()));
            Long toNs = state.toNs();
            boolean goesOn = i + 1 < states.size() && toNs != null && states.get(i + 1).fromNs() <= toNs;
            if (toNs != null && !goesOn) {
                changes.add(change(Kind.DELETED, state, toNs));
            }
        }
    }

    private static KubernetesChange change(Kind kind, KnownObject state, long timeNs) {
        return new KubernetesChange(
                kind,
                timeNs,
                null,
                state.apiVersion(),
                state.resource(),
                state.namespace(),
                state.name(),
                state.uid(),
                null,
                state.object(),
                null,
                null,
                null);
    }
}
