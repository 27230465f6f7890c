package io.hindsight.hub.resolve;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One object over time, as one recorder told it: its states, one after the other, and the addresses that it had. One thread at a time. */
final class ObjectHistory {
    /** A state. It is open until it ends. */
    static final class Version {
        final long fromNs;
        long toNs = Long.MAX_VALUE;
        ObjectFacts.State state;

        private Version(long fromNs, ObjectFacts.State state) {
            this.fromNs = fromNs;
            this.state = state;
        }
    }

    final String resource;
    final @Nullable String namespace;
    final String name;
    final @Nullable String uid;

    /** Of the last checkpoint that named it. */
    long namedInCheckpoint;

    /** When something was last heard of it. */
    long lastHeardNs = Long.MIN_VALUE;

    /** Cut to {@link ObjectFields}; null while it is not there. */
    @Nullable Map<String, Object> object;

    private final HistoryBudget budget;
    private final List<Version> versions = new ArrayList<>(1);
    private final List<AddressClaim> claims = new ArrayList<>(1);
    private final Map<InetAddress, AddressClaim> open = new HashMap<>(2);
    private @Nullable Version current;
    private long lifeFromNs = Long.MIN_VALUE;
    private long endedNs = Long.MIN_VALUE;

    /** Null until it had an address in this life. */
    private @Nullable Long addressedNs;

    ObjectHistory(
            String resource, @Nullable String namespace, String name, @Nullable String uid, HistoryBudget budget) {
        this.resource = resource;
        this.namespace = namespace;
        this.name = name;
        this.uid = uid;
        this.budget = budget;
    }

    List<Version> versions() {
        return versions;
    }

    List<AddressClaim> claims() {
        return claims;
    }

    /** Whether both are the same object of Kubernetes, told by whichever recorder. */
    boolean isSame(ObjectHistory other) {
        if (!resource.equals(other.resource)) {
            return false;
        }
        boolean byUid = uid != null && other.uid != null;
        return byUid
                ? Objects.equals(uid, other.uid)
                : name.equals(other.name) && Objects.equals(namespace, other.namespace);
    }

    /**
     * It is so now.
     *
     * @param changedNs since when
     * @param heardNs when that was heard
     * @param startedNs when it began, where it is new
     */
    void heard(long changedNs, long heardNs, long startedNs, ObjectFacts facts) {
        Version version = current;
        if (version == null) {
            begin(Math.max(Math.min(startedNs, changedNs), endedNs), facts.state());
        } else if (!version.state.equals(facts.state())) {
            change(version, changedNs, facts.state());
        }
        lastHeardNs = heardNs;
        if (isThere()) {
            claim(changedNs, heardNs, facts.addresses());
        }
    }

    private void begin(long fromNs, ObjectFacts.State state) {
        if (budget.takeVersion()) {
            Version begun = new Version(fromNs, state);
            versions.add(begun);
            current = begun;
            lifeFromNs = fromNs;
            addressedNs = null;
        }
    }

    private void change(Version version, long changedNs, ObjectFacts.State state) {
        boolean onlyPlaced =
                version.state.node() == null
                        && new ObjectFacts.State(state.node(), version.state.labels(), version.state.controller())
                                .equals(state);
        if (onlyPlaced || changedNs <= version.fromNs) {
            version.state = state;
        } else if (budget.takeVersion()) {
            version.toNs = changedNs;
            Version next = new Version(changedNs, state);
            versions.add(next);
            current = next;
        }
    }

    /** A first address may have been had since the object began; one that comes later, since it was last heard that there was none. */
    private void claim(long changedNs, long heardNs, Set<InetAddress> addresses) {
        open.values()
                .removeIf(claim -> {
                    boolean isOver = !addresses.contains(claim.address);
                    if (isOver) {
                        claim.toNs = changedNs;
                    }
                    return isOver;
                });
        long fromNs = addressedNs == null ? lifeFromNs : addressedNs;
        for (InetAddress address : addresses) {
            if (!open.containsKey(address) && budget.takeAddress()) {
                AddressClaim claim = new AddressClaim(address, this, Math.min(fromNs, heardNs), heardNs);
                claims.add(claim);
                open.put(address, claim);
            }
        }
        addressedNs = addressedNs != null || !addresses.isEmpty() ? (Long) heardNs : null;
    }

    /** It is no longer there. */
    void ended(long timeNs) {
        object = null;
        if (current != null) {
            current.toNs = timeNs;
            current = null;
            endedNs = timeNs;
        }
        open.values().forEach(claim -> claim.toNs = timeNs);
        open.clear();
    }

    boolean isThere() {
        return current != null;
    }
}
