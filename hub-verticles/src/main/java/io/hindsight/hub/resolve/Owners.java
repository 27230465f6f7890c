package io.hindsight.hub.resolve;

import io.hindsight.hub.resolve.ObjectFacts.Controller;
import io.hindsight.hub.resolve.Resolution.Owner;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who made what, over all recorders: pods are told of by agents, their owners by the cluster's recorder. */
final class Owners {
    /** Deployment, ReplicaSet, Pod: real chains are short, a hostile one may be a circle. */
    private static final int LONGEST_CHAIN = 8;

    private final Map<String, Controller> byUid = new HashMap<>();

    void learn(Collection<ObjectHistory> objects) {
        for (ObjectHistory object : objects) {
            String uid = object.uid;
            if (uid != null && !object.versions().isEmpty()) {
                Controller controller = object.versions().getLast().state.controller();
                if (controller != null) {
                    byUid.put(uid, controller);
                }
            }
        }
    }

    /** The topmost that is known. */
    @Nullable Owner topmost(@Nullable Controller controller) {
        Controller top = controller;
        for (int step = 0; top != null && step < LONGEST_CHAIN; step++) {
            Controller above = top.uid() == null ? null : byUid.get(top.uid());
            if (above == null) {
                break;
            }
            top = above;
        }
        return top == null ? null : new Owner(top.kind(), top.name());
    }
}
