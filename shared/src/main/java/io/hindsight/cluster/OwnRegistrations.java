package io.hindsight.cluster;

import io.vertx.core.spi.cluster.RegistrationInfo;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What this member has told the others about where it listens. Members that were apart keep different lists; where they meet again one list may win over
 * another, and what is missing of it is told anew. As many as there are consumers in this process. Thread-safe.
 */
final class OwnRegistrations {
    private final Map<String, Set<RegistrationInfo>> registrations = new HashMap<>();

    synchronized void added(String address, RegistrationInfo registration) {
        if (!registration.localOnly()) {
            registrations.computeIfAbsent(address, first -> new HashSet<>()).add(registration);
        }
    }

    synchronized void removed(String address, RegistrationInfo registration) {
        Set<RegistrationInfo> left = registrations.get(address);
        if (left != null && left.remove(registration) && left.isEmpty()) {
            registrations.remove(address);
        }
    }

    synchronized boolean holds(String address, RegistrationInfo registration) {
        return registrations.getOrDefault(address, Set.of()).contains(registration);
    }

    /** A copy. */
    synchronized Map<String, Set<RegistrationInfo>> now() {
        Map<String, Set<RegistrationInfo>> copy = new HashMap<>();
        registrations.forEach((address, all) -> copy.put(address, Set.copyOf(all)));
        return copy;
    }
}
