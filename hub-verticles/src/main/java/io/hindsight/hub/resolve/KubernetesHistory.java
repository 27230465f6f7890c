package io.hindsight.hub.resolve;

import io.hindsight.event.CheckpointPart;
import io.hindsight.event.KubernetesChange;
import io.hindsight.json.MergePatch;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What one recorder told of Kubernetes objects, in the order in which it heard of it. One thread at a time. */
final class KubernetesHistory {
    /** Kinds that nobody asks the name of. */
    private static final Set<String> PASSED_OVER = Set.of("Event", "EndpointSlice", "Endpoints");

    private final Map<String, ObjectHistory> objects = new HashMap<>();
    private final HistoryBudget budget;
    private final Omitted omitted;
    private final ObjectFields fields;
    private final AddressTexts addresses;

    private @Nullable Checkpoint checkpoint;
    private long checkpoints;

    /** A checkpoint between its first and its last record. */
    private static final class Checkpoint {
        private final Set<String> resources = new HashSet<>();
        private long entries;
    }

    KubernetesHistory(HistoryBudget budget, Omitted omitted, AddressTexts addresses) {
        this.budget = budget;
        this.omitted = omitted;
        this.fields = new ObjectFields(omitted);
        this.addresses = addresses;
    }

    Collection<ObjectHistory> objects() {
        return objects.values();
    }

    void take(KubernetesChange change) {
        if (change.kind() == KubernetesChange.Kind.CHECKPOINT) {
            checkpoint(change);
            return;
        }
        countEntry(change);
        if (!PASSED_OVER.contains(change.resource())) {
            takeObject(change);
        }
    }

    private void takeObject(KubernetesChange change) {
        ObjectHistory history = historyOf(change);
        if (history == null) {
            return;
        }
        switch (change.kind()) {
            case ADDED, KNOWN, MODIFIED -> changed(history, change);
            case DELETED -> deleted(history, change);
            case CHECKPOINT -> throw new IllegalStateException("A checkpoint's end is no object.");
        }
    }

    private @Nullable ObjectHistory historyOf(KubernetesChange change) {
        String name = change.name();
        if (name == null || name.length() > ObjectFields.MAX_TEXT_LENGTH) {
            omitted.add(Omitted.Kind.RECORDS, 1);
            return null;
        }
        String uid = change.uid();
        String key = change.resource() + '/' + (uid != null ? uid : change.namespace() + "/" + name);
        ObjectHistory known = objects.get(key);
        if (known != null || (change.object() == null && change.kind() != KubernetesChange.Kind.DELETED)) {
            return known;
        }
        if (!budget.hasVersions()) {
            omitted.add(Omitted.Kind.WORKLOADS, 1);
            return null;
        }
        ObjectHistory begun = new ObjectHistory(change.resource(), change.namespace(), name, uid, budget);
        objects.put(key, begun);
        return begun;
    }

    private void changed(ObjectHistory history, KubernetesChange change) {
        history.namedInCheckpoint = checkpoints;
        Map<String, Object> object = after(history.object, change);
        if (object == null) {
            // A change of something that is not known yet: the next checkpoint tells all of it.
            return;
        }
        history.object = object;
        hear(history, change, object);
    }

    private @Nullable Map<String, Object> after(@Nullable Map<String, Object> before, KubernetesChange change) {
        if (change.object() != null) {
            return fields.cut(change.object());
        }
        return before == null || change.patch() == null
                ? null
                : fields.cut(MergePatch.apply(before, fields.cut(change.patch())));
    }

    private void hear(ObjectHistory history, KubernetesChange change, Map<String, Object> object) {
        ObjectFacts facts = ObjectFacts.of(change.resource(), object, addresses);
        history.heard(changedNs(history, change), change.receivedNs(), startedNs(change, facts), facts);
    }

    /** What was there when it was first heard of, and does not say since when, may always have been there. */
    private static long startedNs(KubernetesChange change, ObjectFacts facts) {
        Long startedNs = facts.startedNs();
        if (startedNs != null) {
            return startedNs;
        }
        return change.kind() == KubernetesChange.Kind.ADDED ? change.receivedNs() : Long.MIN_VALUE;
    }

    /** Of one that was not known before, all that can be said is that it had been there since its creation; what had its addresses after it is not displaced. */
    private void deleted(ObjectHistory history, KubernetesChange change) {
        if (history.versions().isEmpty() && change.object() != null) {
            ObjectFacts facts = ObjectFacts.of(change.resource(), fields.cut(change.object()), addresses);
            long startedNs = Math.min(startedNs(change, facts), change.receivedNs());
            history.heard(startedNs, startedNs, startedNs, facts);
        }
        history.ended(change.receivedNs());
    }

    /**
     * When it became so: as the API server says, if that can be: after what was heard of the object before, and before now. What is said of a deletion is when it was asked
     * for, and the pod goes on until its processes have ended.
     */
    private static long changedNs(ObjectHistory history, KubernetesChange change) {
        Long serverNs = Times.ns(change.serverTime());
        boolean canBe =
                change.kind() == KubernetesChange.Kind.MODIFIED
                        && serverNs != null
                        && serverNs > history.lastHeardNs
                        && serverNs < change.receivedNs();
        return canBe && serverNs != null ? serverNs : change.receivedNs();
    }

    private void checkpoint(KubernetesChange change) {
        if (change.checkpoint() == CheckpointPart.BEGIN) {
            checkpoint = new Checkpoint();
            checkpoints++;
            checkpoint.resources.add(change.resource());
        } else if (change.checkpoint() == CheckpointPart.END && checkpoint != null) {
            boolean isWhole = change.count() == null || change.count() == checkpoint.entries;
            if (isWhole) {
                endUnnamed(checkpoint.resources, change.receivedNs());
            }
            checkpoint = null;
        }
    }

    private void countEntry(KubernetesChange change) {
        if (checkpoint != null && change.checkpoint() == CheckpointPart.ENTRY) {
            checkpoint.entries++;
            checkpoint.resources.add(change.resource());
        }
    }

    private void endUnnamed(Set<String> resources, long timeNs) {
        for (ObjectHistory history : objects.values()) {
            boolean isCovered = history.isThere() && history.lastHeardNs <= timeNs;
            if (isCovered && history.namedInCheckpoint < checkpoints && resources.contains(history.resource)) {
                history.ended(timeNs);
            }
        }
    }
}
