package io.hindsight.hub.snapshot;

import io.hindsight.api.Snapshot;
import io.hindsight.api.Snapshot.Problem;
import io.hindsight.api.SnapshotRequest;
import io.hindsight.api.SnapshotState;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.hindsight.hub.store.Manifest;
import io.hindsight.hub.store.SessionJournal.Entry;
import io.hindsight.hub.store.SnapshotStore.Stored;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Every snapshot that can be listed: running ones, sealed ones, and the newest {@value #MAX_UNSEALED} that failed or were cancelled; and which
 * idempotency key made which. A key lives as long as its snapshot is listed. One context.
 */
final class SnapshotCatalogue {
    /** Failed and cancelled snapshots that are remembered. */
    static final int MAX_UNSEALED = 1_000;

    /** A snapshot under a key. */
    record Keyed(String id, SnapshotRequest request) {}

    private final Map<String, SnapshotSession> running = new LinkedHashMap<>();
    private final Map<String, Snapshot> ended = new LinkedHashMap<>();
    private final Map<String, Keyed> keys = new LinkedHashMap<>();
    private final Set<String> onVolume = new HashSet<>();

    void add(SnapshotSession session) {
        SnapshotOrder order = session.order();
        running.put(order.id(), session);
        remember(order.idempotencyKey(), order.id(), order.request());
    }

    /** Takes a session that has ended out of the running ones. */
    void ended(SnapshotSession session) {
        running.remove(session.order().id());
        ended.put(session.order().id(), session.show());
        if (session.state().sealed()) {
            onVolume.add(session.order().id());
        }
    }

    /** Takes what lies on the volume. */
    void load(Stored stored) {
        Manifest manifest = stored.manifest();
        onVolume.add(stored.id());
        ended.put(stored.id(), manifest == null ? unreadable(stored) : manifest.toSnapshot());
        if (manifest != null) {
            remember(manifest.idempotencyKey(), manifest.id(), manifest.request());
        }
    }

    /** Takes what the journal remembers of a session that has ended. */
    void load(Entry entry) {
        ended.put(entry.snapshot().id(), entry.snapshot());
        remember(entry.idempotencyKey(), entry.snapshot().id(), entry.request());
    }

    private void remember(@Nullable String key, String id, SnapshotRequest request) {
        if (key != null) {
            keys.put(key, new Keyed(id, request));
        }
    }

    /** The record of an interrupted session that does not go on. */
    static Entry closed(Entry entry, String why) {
        Snapshot was = entry.snapshot();
        String detail = "The Hub ended while the snapshot was " + was.state() + ", and did not go on with it: " + why;
        return new Entry(
                withState(was, SnapshotState.FAILED, new Problem(ErrorCode.NOT_READY.name(), detail)),
                entry.request(),
                entry.idempotencyKey(),
                entry.attempt(),
                null);
    }

    private static Snapshot withState(Snapshot was, SnapshotState state, Problem problem) {
        return new Snapshot(
                        was.id(),
                        was.name(),
                        state,
                        was.createdAt(),
                        was.createdBy(),
                        Objects.requireNonNullElse(was.endedAt(), was.createdAt()),
                        was.from(),
                        was.to(),
                        was.bytes(),
                        was.packets(),
                        was.records(),
                        was.chunks(),
                        null,
                        was.nodes(),
                        null,
                        problem)
                .inBatch(was.batch());
    }

    /** A folder whose manifest cannot be used is shown as that: damaged, neither complete nor hidden. */
    private static Snapshot unreadable(Stored stored) {
        Instant modified = Instant.ofEpochMilli(stored.modifiedMs());
        return new Snapshot(
                stored.id(),
                stored.id(),
                SnapshotState.FAILED,
                modified,
                "unknown",
                modified,
                modified,
                modified,
                0,
                0,
                0,
                0,
                null,
                List.of(),
                null,
                new Problem(ErrorCode.INTEGRITY_VIOLATED.name(), String.valueOf(stored.problem())));
    }

    /** The newest state; empty where there is no such snapshot. */
    Optional<Snapshot> find(String id) {
        SnapshotSession session = running.get(id);
        return session != null ? Optional.of(session.show()) : Optional.ofNullable(ended.get(id));
    }

    /** The newest state. */
    Snapshot get(String id) {
        return find(id).orElseThrow(() -> notFound(id));
    }

    private static HindsightException notFound(String id) {
        String shown = id.length() <= 64 ? id : id.substring(0, 64) + "…";
        return HindsightException.ofField(ErrorCode.SNAPSHOT_NOT_FOUND, "id", "There is no snapshot id=" + shown + ".");
    }

    Optional<SnapshotSession> session(String id) {
        return Optional.ofNullable(running.get(id));
    }

    Collection<SnapshotSession> sessions() {
        return List.copyOf(running.values());
    }

    int runningCount() {
        return running.size();
    }

    Optional<Keyed> byKey(String key) {
        return Optional.ofNullable(keys.get(key));
    }

    /** Lets the key be used anew. */
    void forgetKey(@Nullable String key) {
        if (key != null) {
            keys.remove(key);
        }
    }

    /** Of one that has ended. */
    void lock(String id, @Nullable Instant until) {
        ended.computeIfPresent(id, (same, snapshot) -> snapshot.lockedUntil(until));
    }

    void remove(String id) {
        ended.remove(id);
        onVolume.remove(id);
        keys.values().removeIf(keyed -> keyed.id().equals(id));
    }

    /** Every snapshot, in no order. */
    Stream<Snapshot> all() {
        return Stream.concat(
                List.copyOf(running.values()).stream().map(SnapshotSession::show),
                List.copyOf(ended.values()).stream());
    }

    /** Forgets the oldest failed and cancelled ones beyond the bound; returns their ids. Those that lie on the volume stay. */
    List<String> trim() {
        List<String> unsealed =
                ended.values().stream()
                        .filter(snapshot -> !snapshot.state().sealed() && !onVolume.contains(snapshot.id()))
                        .map(Snapshot::id)
                        .toList();
        List<String> tooMany = unsealed.subList(0, Math.max(0, unsealed.size() - MAX_UNSEALED));
        tooMany.forEach(this::remove);
        return List.copyOf(tooMany);
    }

    /** Whether the snapshot has a folder. */
    boolean isOnVolume(String id) {
        return onVolume.contains(id);
    }
}
