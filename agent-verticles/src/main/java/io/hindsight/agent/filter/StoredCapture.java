package io.hindsight.agent.filter;

import io.hindsight.agent.capture.IpAddress;
import io.hindsight.api.CaptureChange;
import io.hindsight.bus.CaptureOrder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link FilterFile} holds. Immutable.
 *
 * @param version of the file's format: {@value #VERSION}
 * @param order in force; null: none has come
 * @param pods of the order's policy, as they were last known; null: they were never known, or it singles out none
 * @param changes what was recorded when, oldest first
 */
record StoredCapture(
        int version, @Nullable CaptureOrder order, @Nullable StoredPods pods, List<CaptureChange> changes) {
    static final int VERSION = 1;

    /** Of an agent that starts for the first time. */
    static final StoredCapture NONE = new StoredCapture(VERSION, null, null, List.of());

    /**
     * A policy's pods.
     *
     * @param only addresses of those that alone are recorded; null: all are
     * @param except addresses of those that are left out
     * @param count pods that have one of these addresses
     */
    record StoredPods(@Nullable List<String> only, List<String> except, int count) {
        StoredPods {
            only = only == null ? null : List.copyOf(only);
            except = List.copyOf(except);
        }

        static StoredPods of(PodSets sets) {
            Set<IpAddress> only = sets.only();
            return new StoredPods(only == null ? null : texts(only), texts(sets.except()), sets.pods());
        }

        private static List<String> texts(Set<IpAddress> addresses) {
            return addresses.stream().sorted().map(IpAddress::toString).toList();
        }

        PodSets sets() {
            return new PodSets(only == null ? null : addresses(only), addresses(except), count, 0);
        }

        private static Set<IpAddress> addresses(List<String> texts) {
            return texts.stream().map(IpAddress::parse).flatMap(Optional::stream).collect(Collectors.toSet());
        }
    }

    StoredCapture {
        changes = List.copyOf(changes);
    }
}
